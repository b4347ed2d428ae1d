//! One connection's conversation about one board.

mod allowance;
mod compare;
mod fault;
mod give;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

pub use self::fault::Fault;
use self::{allowance::Allowance, wanted::take};
use super::{
    Sets, Source,
    frame::Frame,
    reconcile::{Day, Difference},
};
use crate::{
    BoardName, WorkId,
    limits::{
        COMPARE_SECONDS, COMPARISONS, HELLO_SECONDS, MAX_ASKED, MAX_FRAME, MAX_IDS, MAX_QUEUED,
        MAX_SERVE_SECONDS, SERVE_SECONDS, UNASKED, UNASKED_PER_SECOND, WITHDRAWN_SECONDS,
    },
};

/// The version of the conversation that this code speaks.
const VERSION: u64 = 1;

/// Ids of which one connection remembers something, such as that the peer has them: half a megabyte.
/// Forgetting costs a repeated offer.
const MOST_REMEMBERED: usize = 16_384;

/// Bytes queued for a peer above which nothing more is asked of it: 3 MiB. Answers are prepared below
/// [`MAX_QUEUED`]; the last one and those of a comparison (8 frames) come on top, so one that takes what
/// it asked for never gets there.
const MOST_QUEUED: usize = 12 * MAX_QUEUED;

/// Ids that wait to be told in `have` frames: 2 MiB. What is not told is found by the next
/// comparison.
const MOST_OFFERED: usize = 65_536;

/// The part of what a peer takes without having asked that is used for pushing records whole. The
/// rest is for `have` frames, and for what comes late: on a slow way a long time's frames arrive in
/// one moment.
const PUSHED_SHARE: u64 = 4;

/// Which side of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This side opened the connection, and asks.
    Dialler,
    /// The other side opened it.
    Listener,
}

/// What to reconcile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The board of the rendezvous.
    pub board: BoardName,
    /// First day, in days since 1970.
    pub first: u64,
    /// Least committed bits.
    pub min_bits: u8,
}

/// What the node should know or do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Both sides said what they want to reconcile.
    Ready,
    /// The peer has these records and this node does not; ask with [`Session::want`].
    Offered(Vec<WorkId>),
    /// The peer should get these records; answer with [`Session::serve`], and with
    /// [`Session::serve_later`] for those for which there is no [`Session::room`] now.
    Serve(Vec<WorkId>),
    /// Records, not verified yet; tell what they were with [`Session::arrived`].
    Records(Vec<Vec<u8>>),
    /// The peer does not give these records.
    Gone(Vec<WorkId>),
    /// The peer asks for texts; answer with [`Session::send_texts`], and with
    /// [`Session::send_texts_later`].
    TextsWanted(Vec<WorkId>),
    /// Texts that were asked for, not verified yet.
    Texts(Vec<(WorkId, Vec<u8>)>),
    /// The peer does not give these texts.
    NoText(Vec<WorkId>),
    /// Asked for and not served in time: records, texts.
    Unserved(Vec<WorkId>, Vec<WorkId>),
    /// Other members of the board.
    Peers(Vec<SocketAddr>),
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

/// A day that differs.
#[derive(Default)]
struct OpenDay {
    /// Dialler: the set, the same one until the day is over.
    set: Option<Arc<Day>>,
    /// Listener: the set of the last answer, for as long as there is room for it in [`Sets`].
    last: Option<Weak<Day>>,
    rounds: u8,
    /// Dialler: records that the peer was found to lack.
    ours: usize,
    /// The turn in which it was last asked about.
    used: u64,
}

/// The state of one conversation.
pub struct Session {
    role: Role,
    options: Options,
    sets: Sets,
    last: u64,
    hello: bool,
    /// What both agreed on: first and last day, bits.
    agreed: Option<(u64, u64, u8)>,
    /// To be sent, those of a comparison with their day.
    frames: VecDeque<(Option<u64>, Vec<u8>)>,
    queued: usize,
    /// Days whose last `reconcile` of this side is among them.
    unsent_days: BTreeSet<u64>,
    events: VecDeque<Event>,

    /// Dialler: days to compare, the newest last; Listener: none.
    todo: Vec<u64>,
    /// Days being compared. The listener may be asked about these days only.
    open: BTreeMap<u64, OpenDay>,
    turn: u64,
    compared: (usize, usize),
    compare_at: Option<u64>,
    /// Dialler: `digests` went out and no `differ` came yet. Listener: no `done` came yet.
    comparing: bool,
    /// When the peer last said something about a comparison.
    progressed: u64,

    /// Records that a comparison found here and not there: told in `have` frames, as many at a time
    /// as the connection takes. They are not pushed whole, because the peer takes few records that
    /// it did not ask for.
    offering: VecDeque<WorkId>,
    /// Records that are new here and not told yet, and when such were last told.
    news: Vec<WorkId>,
    news_told: u64,
    serving: VecDeque<WorkId>,
    /// What was asked for, and when.
    asked: HashMap<WorkId, u64>,
    asked_texts: HashMap<WorkId, u64>,
    /// Records that came as answers and were not told as arrived yet: what is left of them when the
    /// next ones come, nobody had asked for.
    unjudged: u64,
    /// Records that were not served, since one was.
    unserved: usize,
    /// Offers that were not served, and until when they count as withdrawn.
    withdrawn: HashMap<WorkId, u64>,
    /// When the peer last sent something that was asked for.
    served: u64,
    /// When its last frame came.
    heard: u64,
    texts_wanted: VecDeque<WorkId>,
    /// Records that the peer was told of or sent: not to be told again.
    told: HashSet<WorkId>,
    comparisons: Allowance,
    unasked: Allowance,
    /// This side's share of what the peer takes without having asked for it.
    pushes: Allowance,
    started: u64,
}

impl Session {
    /// Begins a conversation at `now` (unix seconds): the first frames are ready at once. `sets` are
    /// those of all conversations of this node.
    pub fn new(role: Role, options: Options, sets: &Sets, now: u64) -> Self {
        let mut session = Self {
            role,
            sets: sets.clone(),
            last: now / 86_400 + 1,
            hello: false,
            agreed: None,
            frames: VecDeque::new(),
            queued: 0,
            unsent_days: BTreeSet::new(),
            events: VecDeque::new(),
            todo: Vec::new(),
            open: BTreeMap::new(),
            turn: 0,
            compared: (0, 0),
            compare_at: None,
            comparing: false,
            progressed: now,
            offering: VecDeque::new(),
            news: Vec::new(),
            news_told: 0,
            serving: VecDeque::new(),
            asked: HashMap::new(),
            asked_texts: HashMap::new(),
            unjudged: 0,
            unserved: 0,
            withdrawn: HashMap::new(),
            served: now,
            heard: now,
            texts_wanted: VecDeque::new(),
            told: HashSet::new(),
            comparisons: Allowance::new(COMPARISONS, now),
            unasked: Allowance::new(UNASKED, now),
            pushes: Allowance::new(UNASKED / PUSHED_SHARE, now),
            started: now,
            options,
        };
        session.put(&Frame::Hello { min: VERSION, max: VERSION, frame: MAX_FRAME as u64 });
        session.put(&Frame::Open {
            board: session.options.board,
            first: session.options.first,
            last: session.last,
            bits: session.options.min_bits,
        });
        session
    }

    /// The board that it is about.
    pub const fn board(&self) -> BoardName {
        self.options.board
    }

    /// Whether both sides have agreed on what to reconcile.
    pub const fn is_ready(&self) -> bool {
        self.agreed.is_some()
    }

    /// The next frame to send. Call it only while the connection takes more: what is not taken
    /// stays here, and nothing further is prepared above [`MAX_QUEUED`].
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        if self.frames.is_empty()
            && let Some(ids) = take(&mut self.offering, MAX_IDS)
        {
            ids.iter().for_each(|id| self.remember(*id));
            self.put(&Frame::Have(ids));
        }
        let (day, frame) = self.frames.pop_front()?;
        self.queued -= frame.len();
        if let Some(day) = day {
            self.unsent_days.remove(&day);
        }
        Some(frame)
    }

    /// Takes a frame from the peer. After an error the peer must be dropped.
    pub fn receive(&mut self, bytes: &[u8], source: &dyn Source, now: u64) -> Result<(), Fault> {
        self.heard = now;
        match Frame::from_bytes(bytes)? {
            Frame::Hello { min, max, frame } => {
                if std::mem::replace(&mut self.hello, true) {
                    return Err(Fault::Unexpected("second hello"));
                }
                if !(min..=max).contains(&VERSION) {
                    return Err(Fault::Incompatible("it speaks another version of up_sync"));
                }
                if frame < MAX_FRAME as u64 {
                    return Err(Fault::Incompatible("it takes smaller frames than version 1 has"));
                }
            }
            _ if !self.hello => return Err(Fault::Unexpected("frame before hello")),
            Frame::Unknown(_) => self.count_unasked(1, now)?,
            Frame::Open { board, first, last, bits } => {
                self.agree(board, first, last, bits, source, now)?;
            }
            _ if self.agreed.is_none() => return Err(Fault::Unexpected("frame before open")),
            Frame::Digests(rows) => self.compare(&rows, source, now)?,
            Frame::Differ(days) => {
                self.progressed = now;
                self.differ(&days, source)?;
            }
            Frame::Reconcile { day, data } => {
                self.progressed = now;
                self.reconcile(day, &data, source, now)?;
            }
            Frame::Done => {
                self.only(Role::Listener, "done")?;
                if !std::mem::take(&mut self.comparing) {
                    return Err(Fault::Unexpected("done without a comparison"));
                }
                self.close_days();
                self.events.push_back(Event::Compared);
            }
            Frame::Have(ids) => {
                self.count_unasked(1, now)?;
                self.offered(ids, source, now);
            }
            Frame::Want(ids) => self.wanted(ids)?,
            Frame::Records(list) => {
                let (came, asked) = (list.len() as u64, self.asked.len() as u64);
                let before = std::mem::replace(&mut self.unjudged, came.min(asked));
                let nothing = u64::from(came == 0);
                self.count_unasked(before + came.saturating_sub(asked) + nothing, now)?;
                self.events.push_back(Event::Records(list));
            }
            Frame::Gone(ids) => {
                let gone: Vec<_> =
                    ids.into_iter().filter(|id| self.asked.remove(id).is_some()).collect();
                if gone.is_empty() {
                    return self.count_unasked(1, now);
                }
                self.unserved = 0;
                self.events.push_back(Event::Gone(gone));
            }
            Frame::WantText(ids) => self.wanted_texts(ids)?,
            Frame::Texts(list) => {
                let (asked, unasked): (Vec<_>, Vec<_>) =
                    list.into_iter().partition(|(id, _)| self.asked_texts.remove(id).is_some());
                // Late answers come without being asked for any more; each is counted.
                let nothing = u64::from(asked.is_empty() && unasked.is_empty());
                self.count_unasked(unasked.len() as u64 + nothing, now)?;
                if !asked.is_empty() {
                    self.served = now;
                    self.events.push_back(Event::Texts(asked));
                }
            }
            Frame::NoText(ids) => {
                let ids: Vec<_> =
                    ids.into_iter().filter(|id| self.asked_texts.remove(id).is_some()).collect();
                if ids.is_empty() {
                    return self.count_unasked(1, now);
                }
                self.events.push_back(Event::NoText(ids));
            }
            Frame::Peers(peers) => {
                self.count_unasked(16, now)?;
                self.events.push_back(Event::Peers(peers));
            }
        }
        Ok(())
    }

    /// Time passes: begins comparisons that are due, and gives up on what was asked for too long
    /// ago.
    pub fn tick(&mut self, source: &dyn Source, now: u64) -> Result<(), Fault> {
        if self.agreed.is_none() && now > self.started + HELLO_SECONDS {
            return Err(Fault::Silent("no hello within a minute"));
        }
        if self.compare_at.is_some_and(|at| now >= at) {
            if !self.comparing && self.open.is_empty() {
                self.begin(source, now);
            } else if now > self.progressed + COMPARE_SECONDS {
                return Err(Fault::Silent("no answer to a comparison"));
            }
        }
        if self.role == Role::Listener && self.comparing && now > self.progressed + COMPARE_SECONDS
        {
            return Err(Fault::Silent("no next step of a comparison"));
        }
        self.tell_news(now);
        // A slow peer that is still sending may finish; one that drips may not hold things for long.
        let silent = now > self.served + SERVE_SECONDS;
        let late = |asked: &mut HashMap<WorkId, u64>| {
            let patience = if silent { SERVE_SECONDS } else { MAX_SERVE_SECONDS };
            let is_late = |(_, at): &(&WorkId, &u64)| now > **at + patience;
            let late: Vec<_> = asked.iter().filter(is_late).map(|(id, _)| *id).collect();
            late.iter().for_each(|id| {
                asked.remove(id);
            });
            late
        };
        let (records, texts) = (late(&mut self.asked), late(&mut self.asked_texts));
        self.withdraw(&records, now);
        self.unserved += records.len();
        if self.unserved >= MAX_ASKED {
            return Err(Fault::Quota("offers that it does not serve"));
        }
        if !records.is_empty() || !texts.is_empty() {
            self.events.push_back(Event::Unserved(records, texts));
        }
        Ok(())
    }

    fn offered(&mut self, ids: Vec<WorkId>, source: &dyn Source, now: u64) {
        ids.iter().for_each(|id| self.remember(*id));
        let withdrawn = |id: &WorkId| self.withdrawn.get(id).is_some_and(|until| *until > now);
        let is_new = |id: &WorkId| !self.asked.contains_key(id) && !withdrawn(id);
        let new: Vec<_> = ids.into_iter().filter(is_new).collect();
        let new = source.unknown(&new);
        if !new.is_empty() {
            self.events.push_back(Event::Offered(new));
        }
    }

    fn remember(&mut self, id: WorkId) {
        if self.told.len() >= MOST_REMEMBERED {
            self.told.clear();
        }
        self.told.insert(id);
    }

    fn withdraw(&mut self, ids: &[WorkId], now: u64) {
        if self.withdrawn.len() + ids.len() > MOST_REMEMBERED {
            self.withdrawn.clear();
        }
        self.withdrawn.extend(ids.iter().map(|id| (*id, now + WITHDRAWN_SECONDS)));
    }

    fn only(&self, role: Role, what: &'static str) -> Result<(), Fault> {
        if self.role == role { Ok(()) } else { Err(Fault::Unexpected(what)) }
    }

    fn count_unasked(&mut self, count: u64, now: u64) -> Result<(), Fault> {
        if self.unasked.take(count, UNASKED_PER_SECOND, 1, now) {
            Ok(())
        } else {
            Err(Fault::Quota("records that nobody asked for"))
        }
    }

    fn put(&mut self, frame: &Frame) {
        let bytes = frame.to_bytes();
        debug_assert!(bytes.len() <= MAX_FRAME);
        self.queued += bytes.len();
        let day = if let Frame::Reconcile { day, .. } = frame { Some(*day) } else { None };
        self.unsent_days.extend(day);
        self.frames.push_back((day, bytes));
    }

    fn put_ids(&mut self, ids: &[WorkId], frame: impl Fn(Vec<WorkId>) -> Frame) {
        for ids in ids.chunks(MAX_IDS) {
            self.put(&frame(ids.to_vec()));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close_days();
    }
}
