//! Torrents that are fetched one by one from their own swarms: peers that are known, the DHT, and
//! the members of the boards, who may host them.

use std::{collections::HashMap, net::SocketAddr};

use upseed_model::{Infohash, RecordError, SignedItem, WorkId, item::TextMatch};
use upseed_swarm::FetchError;

use super::{Loop, log_failure};
use crate::{NodeEvent, Unfit, clock::now, reading::too_early};

/// Torrents that are fetched at the same time.
const MAX_FETCHES: usize = 64;

/// Seconds for which each may stay before it makes room for another one.
const LEAST: u64 = 20;

/// Seconds between two look-ups on the DHT: doubled from the first to the second.
const FIRST_LOOKUP: u64 = 5;
const LAST_LOOKUP: u64 = 300;

/// Look-ups that begin in one second.
const LOOKUPS: usize = 4;

/// Peers of one piece of a look-up's answer that are tried.
const MAX_TRIED: usize = 32;

/// What is fetched now.
#[derive(Default)]
pub(super) struct Fetches(HashMap<Infohash, Fetch>);

struct Fetch {
    since: u64,
    /// Callers who said that they wait, and will say when they do not any more.
    waiters: usize,
    /// Goes on without them: its header is known and its text is wanted.
    wanted: bool,
    next_lookup: u64,
    wait: u64,
    /// Asked when those who were known did not have it. Before, a tracker would keep in mind somebody who fetches
    /// and is done before it answers.
    trackers: Vec<String>,
}

impl Fetches {
    /// Makes room for one more, at the cost of the oldest one that nobody waits for. Gives that.
    /// One for somebody who waits does not wait itself.
    fn make_room(&mut self, waits: bool, now: u64) -> Result<Option<Infohash>, ()> {
        if self.0.len() < MAX_FETCHES {
            return Ok(None);
        }
        let least = if waits { 0 } else { LEAST };
        let idle = |(_, fetch): &(&Infohash, &Fetch)| {
            fetch.waiters == 0 && now.saturating_sub(fetch.since) >= least
        };
        let oldest = self.0.iter().filter(idle).min_by_key(|(_, fetch)| fetch.since);
        oldest.map(|(infohash, _)| Some(*infohash)).ok_or(())
    }

    /// Those whose trackers are to be asked now.
    fn untracked(&mut self, now: u64) -> Vec<(Infohash, Vec<String>)> {
        let due = self
            .0
            .iter_mut()
            .filter(|(_, fetch)| !fetch.trackers.is_empty() && fetch.since + FIRST_LOOKUP <= now);
        due.map(|(infohash, fetch)| (*infohash, std::mem::take(&mut fetch.trackers))).collect()
    }

    /// Those to be looked up now.
    fn due(&mut self, now: u64) -> Vec<Infohash> {
        let due = self.0.iter_mut().filter(|(_, fetch)| fetch.next_lookup <= now).take(LOOKUPS);
        due.map(|(infohash, fetch)| {
            fetch.next_lookup = now + fetch.wait;
            fetch.wait = (fetch.wait * 2).min(LAST_LOOKUP);
            *infohash
        })
        .collect()
    }

    /// After the clock was set back.
    pub fn reschedule(&mut self, now: u64) {
        for fetch in self.0.values_mut() {
            (fetch.since, fetch.next_lookup) = (now, now);
        }
    }
}

impl Loop {
    /// Fetches an item whose header is known, until its text is here; `waits`: somebody waits for it.
    /// If there is no room it is not fetched now, and nothing is said: the next round tries again.
    pub(super) fn fetch_known(&mut self, work: WorkId, infohash: Infohash, waits: bool) {
        let now = now();
        let has_room =
            self.fetches.0.contains_key(&infohash) || self.fetches.make_room(waits, now).is_ok();
        if self.texts.pause.is_on(now) || !has_room {
            return;
        }
        let row = log_failure("reading an item", self.store.item_by_work(&work)).flatten();
        let Some(item) = row.map(|row| row.item) else { return };
        let board = log_failure("reading a board", self.store.board(&item.board())).flatten();
        let trackers = board.map(|board| board.trackers).unwrap_or_default();
        match self.fetch(infohash, Some(item.header().to_vec()), Vec::new(), trackers, waits) {
            Ok(fetch) => fetch.wanted = true,
            Err(reason) => tracing::warn!(id = %infohash, reason, "an item cannot be fetched"),
        }
    }

    /// Fetches what somebody waits for, who calls [`Loop::wait_no_more`] in the end.
    pub(super) fn fetch_for_waiter(
        &mut self,
        infohash: Infohash,
        peers: Vec<SocketAddr>,
        trackers: Vec<String>,
    ) {
        match self.fetch(infohash, None, peers, trackers, true) {
            Ok(fetch) => fetch.waiters += 1,
            Err(reason) => {
                let unfit = Unfit::NotNow;
                self.emit(NodeEvent::Unreadable { id: infohash, unfit, reason });
            }
        }
    }

    /// The fetch, or why it cannot be fetched now.
    fn fetch(
        &mut self,
        infohash: Infohash,
        info: Option<Vec<u8>>,
        peers: Vec<SocketAddr>,
        trackers: Vec<String>,
        waits: bool,
    ) -> Result<&mut Fetch, String> {
        let now = now();
        let mut later = Vec::new();
        if self.fetches.0.contains_key(&infohash) {
            self.fetch_from(infohash, &peers);
        } else {
            match self.fetches.make_room(waits, now) {
                Ok(None) => {}
                Ok(Some(other)) => self.stop_fetch(other),
                Err(()) => {
                    return Err("too many are fetched at the same time; try again soon".into());
                }
            }
            let members = self.peers.values().filter_map(super::Peer::listens_at).take(MAX_TRIED);
            let peers: Vec<_> = peers.into_iter().chain(members).collect();
            let at_once = if peers.is_empty() {
                trackers
            } else {
                later = trackers;
                Vec::new()
            };
            let begun = self.swarm.fetch(*infohash.as_bytes(), info, peers, at_once);
            begun.map_err(|error| error.to_string())?;
        }
        let new = Fetch {
            since: now,
            waiters: 0,
            wanted: false,
            next_lookup: now,
            wait: FIRST_LOOKUP,
            trackers: later,
        };
        self.fetches.0.entry(infohash).or_insert(new);
        self.look_up_fetches(now);
        self.fetches.0.get_mut(&infohash).ok_or_else(|| "it ended at once".into())
    }

    /// Looks for hosts of what is fetched: they may come online at any time.
    pub(super) fn look_up_fetches(&mut self, now: u64) {
        for (infohash, trackers) in self.fetches.untracked(now) {
            for url in trackers {
                if let Err(error) = self.swarm.add_tracker(*infohash.as_bytes(), &url) {
                    tracing::warn!(id = %infohash, %error, "a tracker is not asked");
                }
            }
        }
        if !self.dht || self.swarm.status().dht_nodes == 0 {
            return;
        }
        for infohash in self.fetches.due(now) {
            self.swarm.dht_get_peers(*infohash.as_bytes());
        }
    }

    pub(super) fn fetch_from(&mut self, infohash: Infohash, peers: &[SocketAddr]) {
        if self.fetches.0.contains_key(&infohash) {
            for addr in peers.iter().take(MAX_TRIED) {
                self.swarm.connect(*infohash.as_bytes(), *addr);
            }
        }
    }

    /// One who waited does not any more. An item whose header came meanwhile is still of interest.
    pub(super) fn wait_no_more(&mut self, infohash: Infohash) {
        let Some(fetch) = self.fetches.0.get_mut(&infohash) else { return };
        fetch.waiters = fetch.waiters.saturating_sub(1);
        if fetch.waiters > 0 || fetch.wanted {
            return;
        }
        let known = log_failure("reading an item", self.store.item(&infohash)).flatten();
        fetch.wanted = known.is_some();
        if !fetch.wanted {
            self.stop_fetch(infohash);
        }
    }

    pub(super) fn stop_fetch(&mut self, infohash: Infohash) {
        if self.fetches.0.remove(&infohash).is_some() {
            self.swarm.cancel(*infohash.as_bytes());
        }
        self.texts.calm(infohash);
    }

    /// A header that came by its own swarm.
    pub(super) fn metadata(&mut self, infohash: Infohash, info: &[u8]) {
        match checked(info) {
            Ok(item) => self.keep_fetched(item),
            Err((unfit, reason)) => self.fetch_failed(infohash, unfit, reason),
        }
    }

    pub(super) fn fetched(&mut self, infohash: Infohash, info: &[u8], text: &[u8]) {
        let item = match checked(info) {
            Ok(item) => item,
            Err((unfit, reason)) => return self.fetch_failed(infohash, unfit, reason),
        };
        self.keep_fetched(item.clone());
        match item.check_text(text) {
            TextMatch::Good(_) => {
                if let Err(error) = self.keep_texts(&[(item.work(), infohash, text.to_vec())]) {
                    self.fetch_failed(infohash, Unfit::NotNow, error.to_string());
                }
            }
            // libtorrent has checked the piece, so the author's hashes contradict each other.
            TextMatch::Wrong | TextMatch::Dead(_) => self.bury(&item.work(), infohash),
        }
    }

    pub(super) fn fetch_failed(&mut self, infohash: Infohash, unfit: Unfit, reason: String) {
        self.stop_fetch(infohash);
        self.emit(NodeEvent::Unreadable { id: infohash, unfit, reason });
    }
}

/// An item that may be taken now.
fn checked(info: &[u8]) -> Result<SignedItem, (Unfit, String)> {
    let item = SignedItem::from_bytes(info).map_err(|error| {
        let unfit = match error {
            RecordError::Ordinary => Unfit::Ordinary,
            _ => Unfit::Wrong,
        };
        (unfit, error.to_string())
    })?;
    too_early(&item, now()).map_or(Ok(item), |reason| Err((Unfit::NotNow, reason)))
}

/// What a failed fetch says of the torrent.
pub(super) const fn unfit(error: FetchError) -> Unfit {
    match error {
        FetchError::NotOneText => Unfit::Ordinary,
        FetchError::WrongMetadata | FetchError::Occupied | FetchError::Engine => Unfit::NotNow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn only_what_is_ordinary_is_ordinary() {
        let ordinary =
            b"d6:lengthi3e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
        assert_eq!(checked(ordinary).unwrap_err().0, Unfit::Ordinary);
        assert_eq!(checked(b"d6:upseedd1:vi1eee").unwrap_err().0, Unfit::Wrong);
        assert_eq!(unfit(FetchError::NotOneText), Unfit::Ordinary);
        assert_eq!(unfit(FetchError::Engine), Unfit::NotNow);
    }

    fn id(n: u8) -> Infohash {
        Infohash::from_bytes([n; 20])
    }

    fn full() -> Fetches {
        let fetch = |n| Fetch {
            since: NOW + u64::from(n),
            waiters: usize::from(n == 0),
            wanted: true,
            next_lookup: NOW,
            wait: FIRST_LOOKUP,
            trackers: vec!["http://t/announce".into()],
        };
        Fetches((0..MAX_FETCHES as u8).map(|n| (id(n), fetch(n))).collect())
    }

    #[test]
    fn the_oldest_that_nobody_waits_for_makes_room() {
        assert_eq!(Fetches::default().make_room(false, NOW), Ok(None));
        assert_eq!(full().make_room(false, NOW + LEAST), Err(()), "each has its time");
        assert_eq!(full().make_room(false, NOW + 1 + LEAST), Ok(Some(id(1))));
        assert_eq!(full().make_room(true, NOW + LEAST), Ok(Some(id(1))), "but for who waits");
    }

    #[test]
    fn trackers_are_asked_once_and_only_when_those_known_did_not_have_it() {
        let mut fetches = full();
        fetches.0.retain(|infohash, _| *infohash == id(7));
        assert_eq!(fetches.untracked(NOW + 7 + FIRST_LOOKUP - 1), []);
        assert_eq!(fetches.untracked(NOW + 7 + FIRST_LOOKUP).len(), 1);
        assert_eq!(fetches.untracked(NOW + 7 + 2 * FIRST_LOOKUP), []);
    }

    #[test]
    fn hosts_are_looked_for_again_and_ever_less_often() {
        let mut fetches = full();
        fetches.0.retain(|infohash, _| *infohash == id(7));
        let times: Vec<u64> = (0..1_000).filter(|s| !fetches.due(NOW + s).is_empty()).collect();
        assert_eq!(times, [0, 5, 15, 35, 75, 155, 315, 615, 915]);
    }
}
