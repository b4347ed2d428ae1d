//! What a conversation tells its node.

use std::net::SocketAddr;

use crate::WorkId;

/// What the node should know or do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The peer's clock shows this, to the minute.
    Clock(u64),
    /// Both sides said what they want to reconcile.
    Ready,
    /// The peer has these records and this node does not; ask with `Session::want`.
    Offered(Vec<WorkId>),
    /// The peer should get these records; answer with `Session::serve`, and with
    /// `Session::serve_later` for those for which there is no `Session::room` now.
    Serve(Vec<WorkId>),
    /// Records, not verified yet; tell what they were with `Session::arrived`.
    Records(Vec<Vec<u8>>),
    /// The peer does not give these records.
    Gone(Vec<WorkId>),
    /// The peer asks for texts; answer with `Session::send_texts`, and with
    /// `Session::send_texts_later`.
    TextsWanted(Vec<WorkId>),
    /// Texts that were asked for, not verified yet.
    Texts(Vec<(WorkId, Vec<u8>)>),
    /// The same of one who does not host them.
    Relayed(Vec<(WorkId, Vec<u8>)>),
    /// The peer does not give these texts.
    NoText(Vec<WorkId>),
    /// Asked for and not served in time: records, texts.
    Unserved(Vec<WorkId>, Vec<WorkId>),
    /// Other members of the board.
    Peers(Vec<SocketAddr>),
    /// Another member is dialled there now, and dials this node.
    Punch(SocketAddr),
    /// Days compared so far, and days that differ.
    Progress {
        /// Finished.
        done: usize,
        /// In all.
        total: usize,
    },
    /// This comparison is finished; what was offered may still be on its way.
    Compared,
}
