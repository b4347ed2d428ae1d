//! What two sessions cost to find 100 differences between 100,000 records each, against plain
//! negentropy over the same two sets: bytes and time, each with its ratio.
//!
//!     cargo bench -p upseed-model --bench reconcile

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, HashSet},
    ops::RangeInclusive,
    time::Instant,
};

use negentropy::{Id, Negentropy, NegentropyStorageVector};
use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Event, Options, Role, Session, Sets, Source, day_of},
};

/// The last second of a day.
const NOW: u64 = 20_718 * 86_400 - 1;
const RECORDS: u64 = 100_000;
const DIFFERENCES: u64 = 100;

/// A set as a store holds it: sorted days and their digests, kept up to date.
struct Set {
    days: BTreeMap<u64, Vec<(u64, WorkId)>>,
    digests: BTreeMap<u64, DayDigest>,
    ids: HashSet<WorkId>,
}

impl Source for Set {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        self.digests.range(days).map(|(_, digest)| *digest).collect()
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
        self.days.get(&day).cloned().unwrap_or_default()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        works.iter().filter(|work| !self.ids.contains(work)).copied().collect()
    }
}

/// `RECORDS` spread over so many seconds; `side` lacks its share of the differences.
fn set(seconds: u64, side: u64) -> Set {
    let mut set = Set { days: BTreeMap::new(), digests: BTreeMap::new(), ids: HashSet::new() };
    let every = RECORDS / DIFFERENCES;
    for n in (0..RECORDS).filter(|n| n % every != every / 2 || (n / every) % 2 == side) {
        let time = NOW - n * seconds / RECORDS;
        let work = id(n);
        set.days.entry(day_of(time)).or_default().push((time, work));
        set.digests.entry(day_of(time)).or_insert(DayDigest::empty(day_of(time))).insert(&work);
        set.ids.insert(work);
    }
    set.days.values_mut().for_each(|day| day.sort_unstable());
    set
}

/// SplitMix64, four times.
fn id(n: u64) -> WorkId {
    let mut bytes = [0; 32];
    let mut state = n.wrapping_mul(0xd134_2543_de82_ef95);
    for chunk in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    }
    WorkId::from_bytes(bytes)
}

fn storage(set: &Set) -> NegentropyStorageVector {
    let mut storage = NegentropyStorageVector::with_capacity(set.ids.len());
    for (time, work) in set.days.values().flatten() {
        storage.insert(*time, Id::from_byte_array(*work.as_bytes())).unwrap();
    }
    storage.seal().unwrap();
    storage
}

/// Bytes and differences found.
fn plain(left: &Set, right: &Set) -> (usize, usize) {
    let mut left = Negentropy::owned(storage(left), 0).unwrap();
    let mut right = Negentropy::owned(storage(right), 0).unwrap();
    let (mut have, mut need) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    let mut question = left.initiate().unwrap();
    loop {
        let answer = right.reconcile(&question).unwrap();
        bytes += question.len() + answer.len();
        match left.reconcile_with_ids(&answer, &mut have, &mut need).unwrap() {
            Some(next) => question = next,
            None => return (bytes, have.len() + need.len()),
        }
    }
}

fn sessions(left: &Set, right: &Set) -> (usize, usize) {
    let options = Options { board: BoardName::upseed(), first: day_of(NOW) - 30, min_bits: 16 };
    let mut dialler = Session::new(Role::Dialler, options.clone(), &Sets::default(), NOW);
    let mut listener = Session::new(Role::Listener, options, &Sets::default(), NOW);
    let (mut bytes, mut found) = (0, 0);
    loop {
        let mut moved = false;
        while let Some(frame) = dialler.next_frame() {
            (moved, bytes) = (true, bytes + frame.len());
            listener.receive(&frame, right, NOW).unwrap();
        }
        while let Some(frame) = listener.next_frame() {
            (moved, bytes) = (true, bytes + frame.len());
            dialler.receive(&frame, left, NOW).unwrap();
        }
        // What either lacks was named by the other; fetching it is no part of comparing.
        for session in [&mut dialler, &mut listener] {
            while let Some(event) = session.next_event() {
                if let Event::Offered(ids) = event {
                    found += ids.len();
                }
            }
        }
        if !moved {
            return (bytes, found);
        }
    }
}

fn main() {
    let runs = if std::env::args().any(|arg| arg == "--bench") { 11 } else { 1 };
    for (name, seconds) in [("30 days", 30 * 86_400), ("one day", 86_000)] {
        let (left, right) = (set(seconds, 0), set(seconds, 1));
        let (mut plain_times, mut session_times) = (Vec::new(), Vec::new());
        let (mut plain_result, mut session_result) = ((0, 0), (0, 0));
        for _ in 0..runs {
            let start = Instant::now();
            plain_result = plain(&left, &right);
            plain_times.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            session_result = sessions(&left, &right);
            session_times.push(start.elapsed().as_secs_f64());
        }
        assert_eq!((plain_result.1, session_result.1), (100, 100));
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2] * 1_000.0
        };
        let (plain_time, session_time) = (median(plain_times), median(session_times));
        println!(
            "100,000 records of {name}, {} differ: {} bytes, {session_time:.1} ms; negentropy alone: {} bytes, {plain_time:.1} ms; ratio of bytes {:.2} (at most 1.5), of time {:.2} (at most 2)",
            session_result.1,
            session_result.0,
            plain_result.0,
            session_result.0 as f64 / plain_result.0 as f64,
            session_time / plain_time,
        );
    }
}
