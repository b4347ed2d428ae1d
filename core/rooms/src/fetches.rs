//! Torrents that are fetched one by one from their own swarms: peers that are known, the DHT, and
//! the members of the boards, who may host them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::SocketAddr,
};

use upseed_model::{Infohash, RecordError, SignedItem};

use crate::{action::Action, admission::too_early, context::Context, event::FetchFailure};

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
pub(crate) struct Fetches(BTreeMap<Infohash, Fetch>);

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

/// What a new fetch begins with.
#[derive(Debug)]
pub(crate) struct Request {
    pub infohash: Infohash,
    /// Its header, if that is known.
    pub info: Option<Vec<u8>>,
    pub peers: Vec<SocketAddr>,
    pub trackers: Vec<String>,
}

/// As many are fetched as may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Fetches {
    /// What is to make room for one more: nothing, or the oldest one that nobody waits for.
    /// One for somebody who waits does not wait itself.
    pub fn room_for(
        &self,
        infohash: &Infohash,
        waits: bool,
        now: u64,
    ) -> Result<Option<Infohash>, TooMany> {
        if self.0.contains_key(infohash) || self.0.len() < MAX_FETCHES {
            return Ok(None);
        }
        let least = if waits { 0 } else { LEAST };
        let idle = |(_, fetch): &(&Infohash, &Fetch)| {
            fetch.waiters == 0 && now.saturating_sub(fetch.since) >= least
        };
        let oldest = self.0.iter().filter(idle).min_by_key(|(_, fetch)| fetch.since);
        oldest.map(|(infohash, _)| Some(*infohash)).ok_or(TooMany)
    }

    /// Fetches it from now on; what is fetched already is only asked of more peers. `members` may have it, too.
    pub fn begin(
        &mut self,
        request: Request,
        members: impl Iterator<Item = SocketAddr>,
        dht: bool,
        cx: &mut Context,
    ) {
        let Request { infohash, info, peers, trackers } = request;
        let now = cx.now();
        let Entry::Vacant(entry) = self.0.entry(infohash) else {
            return self.found(infohash, &peers, cx);
        };
        let peers: Vec<_> = peers.into_iter().chain(members.take(MAX_TRIED)).collect();
        let (trackers, later) =
            if peers.is_empty() { (trackers, Vec::new()) } else { (Vec::new(), trackers) };
        cx.act(Action::Fetch { infohash, info, peers, trackers });
        entry.insert(Fetch {
            since: now,
            waiters: 0,
            wanted: false,
            next_lookup: now,
            wait: FIRST_LOOKUP,
            trackers: later,
        });
        self.look_up(dht, cx);
    }

    /// Somebody waits for it, who says when they do not any more.
    pub fn waits(&mut self, infohash: &Infohash) {
        if let Some(fetch) = self.0.get_mut(infohash) {
            fetch.waiters += 1;
        }
    }

    /// It is of interest though nobody waits for it.
    pub fn is_wanted(&mut self, infohash: &Infohash) {
        if let Some(fetch) = self.0.get_mut(infohash) {
            fetch.wanted = true;
        }
    }

    /// One who waited does not any more. True if nobody else does, and nobody said that it is of interest
    /// otherwise.
    pub fn waits_no_more(&mut self, infohash: &Infohash) -> bool {
        let Some(fetch) = self.0.get_mut(infohash) else { return false };
        fetch.waiters = fetch.waiters.saturating_sub(1);
        fetch.waiters == 0 && !fetch.wanted
    }

    /// Ends a fetch, if it is one.
    pub fn stop(&mut self, infohash: &Infohash, cx: &mut Context) {
        if self.0.remove(infohash).is_some() {
            cx.act(Action::StopFetch(*infohash));
        }
    }

    /// Looks for hosts of what is fetched: they may come online at any time.
    pub fn look_up(&mut self, dht: bool, cx: &mut Context) {
        for (infohash, trackers) in self.untracked(cx.now()) {
            trackers.into_iter().for_each(|url| cx.act(Action::AddTracker { infohash, url }));
        }
        if dht {
            self.due(cx.now()).into_iter().for_each(|id| cx.act(Action::LookUp(id)));
        }
    }

    /// Somebody is said to have it.
    pub fn found(&self, infohash: Infohash, peers: &[SocketAddr], cx: &mut Context) {
        if self.0.contains_key(&infohash) {
            let peers = peers.iter().take(MAX_TRIED);
            peers.for_each(|addr| cx.act(Action::Dial { infohash, addr: *addr }));
        }
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

/// An item that may be taken now.
pub(crate) fn checked(info: &[u8], now: u64) -> Result<SignedItem, (FetchFailure, String)> {
    let item = SignedItem::from_bytes(info).map_err(|error| {
        let unfit = match error {
            RecordError::Ordinary => FetchFailure::Ordinary,
            _ => FetchFailure::Wrong,
        };
        (unfit, error.to_string())
    })?;
    too_early(&item, now).map_or(Ok(item), |reason| Err((FetchFailure::NotNow, reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn only_what_is_ordinary_is_ordinary() {
        let ordinary =
            b"d6:lengthi3e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
        assert_eq!(checked(ordinary, NOW).unwrap_err().0, FetchFailure::Ordinary);
        assert_eq!(checked(b"d6:upseedd1:vi1eee", NOW).unwrap_err().0, FetchFailure::Wrong);
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
        let room = |waits, now| full().room_for(&id(200), waits, now);
        assert_eq!(Fetches::default().room_for(&id(200), false, NOW), Ok(None));
        assert_eq!(room(false, NOW + LEAST), Err(TooMany), "each has its time");
        assert_eq!(room(false, NOW + 1 + LEAST), Ok(Some(id(1))));
        assert_eq!(room(true, NOW + LEAST), Ok(Some(id(1))), "but for who waits");
        assert_eq!(full().room_for(&id(7), false, NOW), Ok(None), "it is there already");
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
