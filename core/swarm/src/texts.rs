//! What is hosted, and how large frames and texts are.

/// The SHA-1 of an info dictionary (BEP 3), or a rendezvous that is the hash of a name.
pub type Infohash = [u8; 20];

/// The longest `up_sync` frame, in bytes. A peer that announces a longer one is disconnected.
pub const MAX_FRAME: usize = 256 * 1024;

/// Bytes that may wait for one peer: 1 MiB, so four of the longest frames. See [`crate::Swarm::send`].
pub const MAX_BUFFERED: usize = 4 * MAX_FRAME;

/// Bytes that wait for all peers together above which one alone may have no more than [`FEW_BUFFERED`]: those who read
/// nothing take no memory that others, who read, would fill and empty again.
pub(crate) const ALL_BUFFERED: usize = 8 * MAX_BUFFERED;

/// See [`ALL_BUFFERED`]; a whole frame may always wait.
pub(crate) const FEW_BUFFERED: usize = 65_536;

/// The longest text, in bytes: one piece.
pub const MAX_TEXT: usize = 65_536;

/// The texts that are hosted: the disk behind libtorrent.
pub trait Texts: Send + Sync + 'static {
    /// The whole text of a hosted item, or `None` if it is not here any more.
    ///
    /// Called on the engine's one disk thread, so a slow answer delays other readers but not the network. Libtorrent checks
    /// the bytes against the piece's hash before the first of them leaves; wrong ones end in [`crate::Event::HostFailed`].
    fn read(&self, infohash: &Infohash) -> Option<Vec<u8>>;

    /// The info dictionary of an item that is not hosted by [`crate::Swarm::host`], if it is to be given to somebody who
    /// asks for it now; then [`Texts::read`] gives its text. So a node gives many more items than it has torrents: one is made
    /// for who asks, up to 64 at once, and dropped when nobody was connected for 10 seconds.
    ///
    /// Called on the network thread for whatever infohash a stranger names, so it must answer out of memory or by one small
    /// read. Who dials encrypted names none, is sent away, and comes back in plain a second later unless it was told not to.
    fn on_demand(&self, infohash: &Infohash) -> Option<Vec<u8>> {
        let _ = infohash;
        None
    }
}
