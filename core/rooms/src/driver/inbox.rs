//! What waits for the rooms' thread, and whose turn it is.
//!
//! Each connection waits for its own work alone: the next turn is that of whoever has used the least
//! of the thread's time (as an operating system shares a processor). So a peer that floods holds up
//! itself, and a member that says little is heard at once.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use upseed_model::Infohash;

use crate::{input::Input, peer_id::PeerId, status::RoomsStatus};

/// Bytes of frames that may wait before nothing more is read: whoever brings a frame then waits for room, for so long at
/// most.
const ENOUGH: usize = 6 << 20;
const READING_STOPS: Duration = Duration::from_millis(250);

/// Bytes of frames that may wait in any case. Beyond that the peer with the most of them is dropped: one that
/// sends faster than we can verify must not decide how much memory we use.
const MAX_WAITING: usize = 12 << 20;

/// Something for the thread to do.
#[derive(Debug)]
pub(super) enum Job {
    /// The engine is told of it.
    Input(Input),
    /// How things stand.
    Status(oneshot::Sender<RoomsStatus>),
    /// Where those are reached who are connected now.
    Connected(oneshot::Sender<Vec<SocketAddr>>),
    /// The swarm hosts an item no more.
    HostFailed { id: Infohash, reason: String },
    /// The end.
    Stop,
}

/// The queue: any thread puts into it, the rooms' thread takes out of it.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// There is room for frames again.
    room: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// What is about no connection, and comes before all that is.
    first: VecDeque<Job>,
    lanes: HashMap<PeerId, Lane>,
    /// The lanes in which something waits, by the time that they have used.
    turns: BTreeSet<(Duration, PeerId)>,
    /// What the last one served had used: who comes or comes back begins there, not at zero.
    floor: Duration,
    /// Of frames, in all lanes.
    bytes: usize,
    /// Nobody takes anything any more.
    stopped: bool,
}

#[derive(Default)]
struct Lane {
    jobs: VecDeque<Job>,
    bytes: usize,
    used: Duration,
    /// It was overrun: its frames count for nothing any more.
    shut: bool,
}

impl Inbox {
    /// Blocks for a moment if this is a frame and too many wait: libtorrent's own thread then reads nothing from anybody,
    /// and what strangers send stays with them.
    pub fn put(&self, job: Job) {
        let Shared { waiting, arrived, room } = &*self.0;
        let mut waiting = waiting.lock();
        if matches!(job, Job::Input(Input::Frame { .. })) {
            let is_full = |waiting: &mut Waiting| waiting.bytes >= ENOUGH && !waiting.stopped;
            room.wait_while_for(&mut waiting, is_full, READING_STOPS);
        }
        waiting.put(job);
        arrived.notify_one();
    }

    /// What comes next, and whose work it is, for [`Inbox::used`]; nothing if nothing came in time.
    pub fn next(&self, patience: Duration) -> Option<(Job, Option<PeerId>)> {
        let Shared { waiting, arrived, room } = &*self.0;
        let mut waiting = waiting.lock();
        arrived.wait_while_for(&mut waiting, |waiting| waiting.is_empty(), patience);
        let next = waiting.take();
        waiting.stopped |= matches!(next, Some((Job::Stop, _)));
        if waiting.bytes < ENOUGH || waiting.stopped {
            room.notify_all();
        }
        next
    }

    /// The thread spent so long on this peer's work.
    pub fn used(&self, peer: PeerId, time: Duration) {
        self.0.waiting.lock().used(peer, time);
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.first.is_empty() && self.turns.is_empty()
    }

    fn put(&mut self, job: Job) {
        if self.stopped {
            return;
        }
        let (peer, bytes) = match &job {
            Job::Input(Input::Frame { peer, frame }) => (*peer, frame.len()),
            Job::Input(
                Input::PeerOpened { peer, .. }
                | Input::Drained(peer)
                | Input::PeerClosed { peer, .. }
                | Input::Overrun(peer),
            ) => (*peer, 0),
            _ => return self.first.push_back(job),
        };
        let lane = self.lanes.entry(peer).or_default();
        if lane.shut && bytes > 0 {
            return;
        }
        if lane.jobs.is_empty() {
            lane.used = lane.used.max(self.floor);
            self.turns.insert((lane.used, peer));
        }
        lane.jobs.push_back(job);
        lane.bytes += bytes;
        self.bytes += bytes;
        while self.bytes > MAX_WAITING {
            self.shut_largest();
        }
    }

    fn shut_largest(&mut self) {
        let Some((peer, lane)) = self.lanes.iter_mut().max_by_key(|(_, lane)| lane.bytes) else {
            return;
        };
        self.bytes -= std::mem::take(&mut lane.bytes);
        lane.shut = true;
        lane.jobs.retain(|job| !matches!(job, Job::Input(Input::Frame { .. })));
        lane.jobs.push_back(Job::Input(Input::Overrun(*peer)));
    }

    fn take(&mut self) -> Option<(Job, Option<PeerId>)> {
        if let Some(job) = self.first.pop_front() {
            return Some((job, None));
        }
        let (used, peer) = *self.turns.first()?;
        self.floor = self.floor.max(used);
        let lane = self.lanes.get_mut(&peer)?;
        let job = lane.jobs.pop_front()?;
        if let Job::Input(Input::Frame { frame, .. }) = &job {
            lane.bytes -= frame.len();
            self.bytes -= frame.len();
        }
        if lane.jobs.is_empty() {
            self.turns.pop_first();
        }
        if matches!(job, Job::Input(Input::PeerClosed { .. })) {
            // The last word about this connection.
            self.lanes.remove(&peer);
        }
        Some((job, Some(peer)))
    }

    fn used(&mut self, peer: PeerId, time: Duration) {
        let Some(lane) = self.lanes.get_mut(&peer) else { return };
        let waits = self.turns.remove(&(lane.used, peer));
        lane.used += time;
        if waits {
            self.turns.insert((lane.used, peer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Duration = Duration::from_millis(1);

    fn frame(peer: u64, bytes: usize) -> Job {
        Job::Input(Input::Frame { peer: PeerId(peer), frame: vec![0; bytes] })
    }

    fn closed(peer: u64) -> Job {
        let reason = String::new();
        Job::Input(Input::PeerClosed { peer: PeerId(peer), reason })
    }

    /// What came next, as text.
    fn next(waiting: &mut Waiting) -> Option<String> {
        waiting.take().map(|(job, _)| format!("{job:?}"))
    }

    /// Serves one turn; gives whose it was.
    fn serve(waiting: &mut Waiting) -> Option<u64> {
        let (_, peer) = waiting.take()?;
        let peer = peer?;
        waiting.used(peer, COST);
        Some(peer.0)
    }

    #[test]
    fn who_says_little_is_heard_at_once() {
        let mut waiting = Waiting::default();
        (1..=3).for_each(|peer| (0..1_000).for_each(|_| waiting.put(frame(peer, 9))));
        (0..300).for_each(|_| assert!(serve(&mut waiting).is_some()));
        waiting.put(frame(4, 9));
        assert!((0..4).any(|_| serve(&mut waiting) == Some(4)), "each of the others once at most");
    }

    #[test]
    fn turns_go_by_the_time_used() {
        let mut waiting = Waiting::default();
        (0..100).for_each(|_| [1, 2].into_iter().for_each(|peer| waiting.put(frame(peer, 9))));
        let mut turns = [0; 3];
        for _ in 0..110 {
            let (_, peer) = waiting.take().unwrap();
            let peer = peer.unwrap();
            waiting.used(peer, if peer == PeerId(1) { 10 * COST } else { COST });
            turns[peer.0 as usize] += 1;
        }
        assert_eq!(turns, [0, 10, 100]);
    }

    #[test]
    fn a_new_connection_is_no_fresh_start() {
        let mut waiting = Waiting::default();
        (0..100).for_each(|_| [1, 2].into_iter().for_each(|peer| waiting.put(frame(peer, 9))));
        (0..20).for_each(|_| assert!(serve(&mut waiting).is_some()));
        (0..100).for_each(|_| waiting.put(frame(3, 9)));
        let of_new = (0..30).filter(|_| serve(&mut waiting) == Some(3)).count();
        assert!((10..=12).contains(&of_new), "{of_new} of 30");
    }

    #[test]
    fn one_peers_words_keep_their_order_and_its_end_is_the_last() {
        let mut waiting = Waiting::default();
        (1..50).for_each(|bytes| waiting.put(frame(1, bytes)));
        waiting.put(closed(1));
        for bytes in 1..50 {
            assert_eq!(next(&mut waiting), Some(format!("{:?}", frame(1, bytes))));
        }
        assert_eq!(next(&mut waiting), Some(format!("{:?}", closed(1))));
        assert_eq!(next(&mut waiting), None);
        assert!(waiting.lanes.is_empty() && waiting.turns.is_empty() && waiting.bytes == 0);
    }

    #[test]
    fn who_fills_the_memory_is_overrun_and_nobody_else() {
        let mut waiting = Waiting::default();
        waiting.put(frame(2, 100));
        for _ in 0..1_000 {
            waiting.put(frame(1, 256 << 10));
            assert!(waiting.bytes <= MAX_WAITING);
        }
        waiting.put(closed(1));
        let mut came = Vec::new();
        while let Some(input) = next(&mut waiting) {
            came.push(input);
        }
        assert_eq!(came.len(), 3, "{came:?}");
        for expected in [frame(2, 100), Job::Input(Input::Overrun(PeerId(1))), closed(1)] {
            assert!(came.contains(&format!("{expected:?}")));
        }
        assert_eq!(waiting.bytes, 0);
    }
}
