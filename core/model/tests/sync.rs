//! Two sessions joined by queues, against the plain union of their sets.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::RangeInclusive;

use proptest::prelude::*;
use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Event, Fault, Options, Role, Session, Sets, Source, day_of},
};

const NOW: u64 = 1_800_000_000;

#[derive(Default, Clone)]
struct Set(BTreeMap<(u64, WorkId), u8>);

impl Source for Set {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, bits: u8) -> Vec<DayDigest> {
        let mut digests: BTreeMap<u64, DayDigest> = BTreeMap::new();
        for ((time, id), _) in self.0.iter().filter(|(_, has)| **has >= bits) {
            let day = day_of(*time);
            if days.contains(&day) {
                digests.entry(day).or_insert(DayDigest::empty(day)).insert(id);
            }
        }
        digests.into_values().collect()
    }

    fn day(&self, _: &BoardName, day: u64, bits: u8) -> Vec<(u64, WorkId)> {
        let of_day = |(key, has): (&(u64, WorkId), &u8)| {
            (day_of(key.0) == day && *has >= bits).then_some(*key)
        };
        self.0.iter().filter_map(of_day).collect()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        let known = |work: &WorkId| self.0.keys().any(|(_, id)| id == work);
        works.iter().filter(|work| !known(work)).copied().collect()
    }
}

/// A node of the simplest kind: its records are time, id and bits.
struct Node {
    set: Set,
    session: Session,
    sent: usize,
    compared: usize,
}

impl Node {
    fn new(role: Role, set: Set, first: u64, min_bits: u8) -> Self {
        Self::with_sets(&Sets::default(), role, set, first, min_bits)
    }

    fn with_sets(sets: &Sets, role: Role, set: Set, first: u64, min_bits: u8) -> Self {
        let options = Options { board: BoardName::upseed(), first, min_bits };
        Self { set, session: Session::new(role, options, sets, NOW), sent: 0, compared: 0 }
    }

    fn record(&self, id: &WorkId) -> Option<Vec<u8>> {
        let (key, bits) = self.set.0.iter().find(|(key, _)| key.1 == *id)?;
        Some([&key.0.to_be_bytes()[..], key.1.as_bytes(), &[*bits]].concat())
    }

    fn work(&mut self) {
        while let Some(event) = self.session.next_event() {
            match event {
                Event::Offered(ids) => assert!(self.session.want(&ids, NOW).is_empty()),
                Event::Serve(ids) => {
                    let found = ids.iter().filter_map(|id| Some((*id, self.record(id)?))).collect();
                    self.session.serve(found, &[]);
                }
                Event::Records(list) => {
                    for record in list {
                        let time = u64::from_be_bytes(record[..8].try_into().unwrap());
                        let id = WorkId::from_slice(&record[8..40]).unwrap();
                        self.set.0.insert((time, id), record[40]);
                        self.session.arrived(&[id]);
                    }
                }
                Event::TextsWanted(ids) => {
                    let text = |id: &WorkId| (*id, id.as_bytes().repeat(100));
                    let (now, later) = ids.split_at(ids.len().min(1 + self.session.room() / 3_200));
                    self.session.send_texts_later(later);
                    self.session.send_texts(now.iter().map(text).collect(), &[]);
                }
                Event::Compared => self.compared += 1,
                _ => {}
            }
        }
    }
}

/// Runs until nothing moves; returns the bytes that crossed.
fn talk(a: &mut Node, b: &mut Node) -> usize {
    let mut bytes = 0;
    let mut frames: VecDeque<(bool, Vec<u8>)> = VecDeque::new();
    loop {
        frames.extend(std::iter::from_fn(|| a.session.next_frame()).map(|frame| (true, frame)));
        frames.extend(std::iter::from_fn(|| b.session.next_frame()).map(|frame| (false, frame)));
        let Some((to_b, frame)) = frames.pop_front() else { return bytes };
        bytes += frame.len();
        let node = if to_b { &mut *b } else { &mut *a };
        node.sent += 1;
        let set = node.set.clone();
        node.session.receive(&frame, &set, NOW).unwrap();
        node.work();
    }
}

fn id(n: u64) -> WorkId {
    use std::hash::{Hash, Hasher};
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.chunks_mut(8).enumerate() {
        let mut hasher = std::hash::DefaultHasher::new();
        (n, index).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_be_bytes());
    }
    WorkId::from_bytes(bytes)
}

fn spread(numbers: impl Iterator<Item = u64>, days: u64) -> Set {
    Set(numbers.map(|n| ((NOW - n * 997 % (days * 86_400), id(n)), 16 + (n % 4) as u8)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn both_end_with_the_union(
        left in proptest::collection::btree_set(0..400u64, 0..300),
        right in proptest::collection::btree_set(0..400u64, 0..300),
        days in 1..30u64,
        bits in 16..19u8,
        room in prop_oneof![Just(0), Just(5_000), Just(64 << 20)],
    ) {
        let (left, right) = (spread(left.into_iter(), days), spread(right.into_iter(), days));
        let mut union = left.clone();
        union.0.extend(right.0.clone());
        let first = day_of(NOW) - 30;
        let sets = Sets::with_bytes(room);
        let mut a = Node::with_sets(&sets, Role::Dialler, left.clone(), first, 0);
        let mut b = Node::with_sets(&sets, Role::Listener, right.clone(), first, bits);
        talk(&mut a, &mut b);
        let wanted = |set: &Set| set.0.iter().filter(|(_, has)| **has >= bits).map(|(k, _)| *k)
            .collect::<Vec<_>>();
        prop_assert_eq!(wanted(&a.set), wanted(&union));
        prop_assert_eq!(wanted(&b.set), wanted(&union));
        prop_assert_eq!((a.compared, b.compared), (1, 1));
    }
}

#[test]
fn a_long_history_of_many_days_is_joined() {
    let first = day_of(NOW) - 400;
    let mut a = Node::new(Role::Dialler, Set::default(), first, 0);
    let mut b = Node::new(Role::Listener, spread(0..3_000, 300), first, 0);
    talk(&mut a, &mut b);
    assert_eq!(a.set.0.len(), 3_000);
}

#[test]
fn the_narrower_range_counts() {
    let set = spread(0..1_000, 100);
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW) - 10, 0);
    let mut b = Node::new(Role::Listener, set, day_of(NOW) - 400, 0);
    talk(&mut a, &mut b);
    assert!(a.set.0.keys().all(|(time, _)| day_of(*time) >= day_of(NOW) - 10));
    assert!(a.set.0.len() > 50);
}

#[test]
fn equal_sets_cost_one_exchange_of_digests() {
    let set = spread(0..1_000, 20);
    let mut a = Node::new(Role::Dialler, set.clone(), day_of(NOW) - 30, 0);
    let mut b = Node::new(Role::Listener, set, day_of(NOW) - 30, 0);
    let bytes = talk(&mut a, &mut b);
    assert!(bytes < 1_200, "{bytes}");
}

#[test]
fn texts_are_asked_and_given() {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    let ids: Vec<_> = (0..300).map(id).collect();
    assert!(a.session.want_texts(&ids, NOW).is_empty());
    while let Some(frame) = a.session.next_frame() {
        b.session.receive(&frame, &Set::default(), NOW).unwrap();
    }
    let mut got = Vec::new();
    while got.len() < ids.len() {
        b.work();
        assert!((1..262_144 + 3_400).contains(&b.session.queued()), "{}", b.session.queued());
        while let Some(frame) = b.session.next_frame() {
            a.session.receive(&frame, &Set::default(), NOW).unwrap();
            while let Some(event) = a.session.next_event() {
                let Event::Texts(texts) = event else { panic!("{event:?}") };
                got.extend(texts.into_iter().map(|(id, _)| id));
            }
        }
    }
    assert_eq!(got, ids);
}

#[test]
fn what_one_frame_names_twice_is_asked_for_once() {
    let mut b = met(Role::Listener);
    let ids: Vec<_> = (0..500).map(id).collect();
    for name in ["want", "want-text"] {
        let bytes: Vec<u8> = ids.iter().chain(&ids).flat_map(|id| *id.as_bytes()).collect();
        let end = format!("1:m{}:{name}e", name.len());
        let frame = [format!("d3:ids{}:", bytes.len()).as_bytes(), &bytes, end.as_bytes()].concat();
        b.session.receive(&frame, &Set::default(), NOW).unwrap();
    }
    assert_eq!(b.session.waiting(), 1_000 * 32);
    let (mut records, mut texts) = (Vec::new(), Vec::new());
    while let Some(event) = b.session.next_event() {
        match event {
            // One at a time, the rest in its order.
            Event::Serve(ids) => {
                records.push(ids[0]);
                b.session.serve_later(&ids[1..]);
            }
            Event::TextsWanted(ids) => texts.extend(ids),
            _ => {}
        }
    }
    assert_eq!((&records, &texts), (&ids, &ids));
}

#[test]
fn what_is_not_served_is_given_up() {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    a.session.want(&[id(1)], NOW);
    a.session.want_texts(&[id(2)], NOW);
    a.session.tick(&Set::default(), NOW + 10).unwrap();
    assert_eq!(a.session.next_event(), None);
    a.session.tick(&Set::default(), NOW + 11).unwrap();
    assert_eq!(a.session.next_event(), Some(Event::Unserved(vec![id(1)], vec![id(2)])));
}

/// Two nodes without records that have agreed, seen from one side.
fn met(role: Role) -> Node {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    if role == Role::Dialler { a } else { b }
}

fn have(ids: &[WorkId]) -> Vec<u8> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    [format!("d3:ids{}:", bytes.len()).as_bytes(), &bytes, b"1:m4:havee"].concat()
}

#[test]
fn what_comes_as_an_answer_and_is_none_is_counted() {
    let mut a = met(Role::Dialler);
    let ids: Vec<_> = (0..4_096).map(id).collect();
    a.session.want(&ids, NOW);
    let junk = format!("d4:listl{}e1:m7:recordse", "1:x".repeat(4_096));
    let mut receive = || a.session.receive(junk.as_bytes(), &Set::default(), NOW);
    // The first may be what was asked for, until it is seen that it is not.
    assert_eq!(receive(), Ok(()));
    assert_eq!(receive(), Ok(()));
    assert_eq!(receive(), Err(Fault::Quota("records that nobody asked for")));
}

#[test]
fn answers_that_name_nothing_are_counted() {
    let gone = |name: &str| {
        [&b"d3:ids32:"[..], id(1).as_bytes(), format!("1:m{}:{name}e", name.len()).as_bytes()]
            .concat()
    };
    let nothing: [&[u8]; 6] = [
        &gone("gone"),
        &gone("no-text"),
        b"d3:ids0:1:m4:gonee",
        b"d3:ids0:1:m7:no-texte",
        b"d4:listle1:m7:recordse",
        b"d3:ids0:4:listle1:m5:textse",
    ];
    for frame in nothing {
        let mut a = met(Role::Dialler);
        for _ in 0..4_096 {
            a.session.receive(frame, &Set::default(), NOW).unwrap();
            while a.session.next_event().is_some() {}
        }
        let fault = a.session.receive(frame, &Set::default(), NOW);
        assert_eq!(fault, Err(Fault::Quota("records that nobody asked for")));
    }
}

/// A `reconcile` frame of any size.
fn reconcile(day: u64, data: &[u8]) -> Vec<u8> {
    let mut frame = format!("d4:data{}:", data.len()).into_bytes();
    frame.extend(data);
    frame.extend(format!("3:dayi{day}e1:m9:reconcilee").into_bytes());
    frame
}

/// Asks for everything: one range up to infinity, with a fingerprint that no set has.
const ASK_ALL: [u8; 20] = {
    let mut data = [0x99; 20];
    (data[0], data[1], data[2], data[3]) = (0x61, 0, 0, 1);
    data
};

/// An empty list up to infinity: the answer to it is the whole set, as far as it fits.
const HAVE_NONE: [u8; 5] = [0x61, 0, 0, 2, 0];

#[test]
fn questions_ahead_of_their_answers_do_not_pile_up() {
    let first = day_of(NOW) - 29;
    let records = (0..300_000).map(|n| ((first + n % 30) * 86_400 + n, id(n)));
    let set = Large::new(records);
    let empty: &[u8] = b"d4:days0:1:m7:digestse";
    // One day again and again, and each day once.
    let questions: [Vec<Vec<u8>>; 2] = [
        (0..40).map(|_| reconcile(first, &HAVE_NONE)).collect(),
        (0..30).map(|day| reconcile(first + day, &HAVE_NONE)).collect(),
    ];
    for questions in questions {
        let options = Options { board: BoardName::upseed(), first, min_bits: 0 };
        let mut session = Session::new(Role::Listener, options, &Sets::default(), NOW);
        for frame in [HELLO, OPEN, empty] {
            session.receive(frame, &set, NOW).unwrap();
        }
        let mut faults =
            questions.iter().filter_map(|frame| session.receive(frame, &set, NOW).err());
        let fault = Fault::Quota("messages of a comparison ahead of their answers");
        assert_eq!(faults.next(), Some(fault));
        drop(faults);
        assert!(session.queued() < 9 * 262_144, "{}", session.queued());
    }
    // Answers that come before their questions went out.
    let options = Options { board: BoardName::upseed(), first, min_bits: 0 };
    let mut session = Session::new(Role::Dialler, options, &Sets::default(), NOW);
    let differ = [&b"d4:days4:"[..], &(first as u32).to_be_bytes(), b"1:m6:differe"].concat();
    for frame in [HELLO, OPEN, &differ] {
        session.receive(frame, &set, NOW).unwrap();
    }
    let fault = Fault::Quota("messages of a comparison ahead of their answers");
    assert_eq!(session.receive(&reconcile(first, &ASK_ALL), &set, NOW), Err(fault));
}

#[test]
fn who_asks_about_more_days_in_turn_than_are_kept_is_dropped() {
    let first = day_of(NOW) - 29;
    let records = (0..12_000).map(|n| ((first + n % 12) * 86_400 + n, id(n)));
    let set = Large::new(records);
    // With 8 days each set is loaded once, with more again for each question.
    for (days, faults) in [(8, false), (12, true)] {
        let options = Options { board: BoardName::upseed(), first, min_bits: 0 };
        let mut session = Session::new(Role::Listener, options, &Sets::default(), NOW);
        for frame in [HELLO, OPEN, b"d4:days0:1:m7:digestse"] {
            session.receive(frame, &set, NOW).unwrap();
        }
        let fault = (0..48 * days).find_map(|n| {
            while session.next_frame().is_some() {}
            session.receive(&reconcile(first + n % days, &ASK_ALL), &set, NOW).err()
        });
        assert_eq!(fault, faults.then_some(Fault::Quota("days to be loaded again")));
    }
}

/// One who has asked about these days, and says nothing more.
fn asked_about(days: RangeInclusive<u64>, bits: u8, sets: &Sets, source: &dyn Source) -> Session {
    let options = Options { board: BoardName::upseed(), first: *days.start(), min_bits: 0 };
    let mut session = Session::new(Role::Listener, options, sets, NOW);
    let open = format!("d4:bitsi{bits}e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene");
    for frame in [HELLO, open.as_bytes(), b"d4:days0:1:m7:digestse"] {
        session.receive(frame, source, NOW).unwrap();
    }
    while session.next_frame().is_some() {}
    for day in days {
        session.receive(&reconcile(day, &ASK_ALL), source, NOW).unwrap();
    }
    session
}

#[test]
fn what_many_compare_is_in_memory_once() {
    struct Counted(Large, Cell<usize>);
    impl Source for Counted {
        fn digests(&self, board: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
            self.0.digests(board, days, 0)
        }
        fn day(&self, board: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
            self.1.set(self.1.get() + 1);
            self.0.day(board, day, 0)
        }
        fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
            self.0.unknown(works)
        }
    }
    let first = day_of(NOW) - 7;
    let records = (0..4_000).map(|n| ((first + n % 8) * 86_400 + n, id(n)));
    let (source, sets) = (Counted(Large::new(records), Cell::new(0)), Sets::default());
    let silent: Vec<_> =
        (0..160).map(|n| asked_about(first..=first + 7, n % 17, &sets, &source)).collect();
    assert_eq!(source.1.get(), 8, "each day is read once");
    assert!((160_000..170_000).contains(&sets.bytes()), "{}", sets.bytes());
    drop(silent);
    assert_eq!(sets.bytes(), 0, "what nobody compares is forgotten");
}

#[test]
fn different_sets_stay_within_a_bound_and_break_no_comparison() {
    let first = day_of(NOW) - 7;
    let source =
        |n: u64| Large::new((0..800).map(|m| ((first + m % 8) * 86_400 + m, id(n * 800 + m))));
    let sets = Sets::with_bytes(20_000);
    let mut asking: Vec<_> = (0..40)
        .map(|n| {
            let source = source(n);
            let session = asked_about(first..=first + 7, 0, &sets, &source);
            assert!((16_000..=20_000).contains(&sets.bytes()), "{}", sets.bytes());
            (session, source)
        })
        .collect();
    // The one that asked first goes on, though each of its sets has to be read each time: it is not
    // at fault, and the answers are the same.
    let (slow, source) = &mut asking[0];
    let answer = |slow: &mut Session| std::iter::from_fn(|| slow.next_frame()).last();
    let mut answers = HashSet::new();
    assert!(answer(slow).is_some());
    for n in 0..47 * 8 {
        slow.receive(&reconcile(first + n % 8, &ASK_ALL), source, NOW).unwrap();
        answers.insert(answer(slow).unwrap());
    }
    assert_eq!(answers.len(), 8);
}

/// A connection on which each side's words wait as long as they may.
#[test]
fn an_honest_dialler_is_never_ahead_of_the_answers() {
    let first = day_of(NOW) - 29;
    let records = (0..60_000).map(|n| ((first + n % 30) * 86_400 + n, id(n)));
    let (full, empty) = (Large::new(records), Large::new(std::iter::empty()));
    let options = Options { board: BoardName::upseed(), first, min_bits: 0 };
    let mut dialler = Session::new(Role::Dialler, options.clone(), &Sets::default(), NOW);
    let mut listener = Session::new(Role::Listener, options, &Sets::default(), NOW);
    let (mut offered, mut to_listener) = (0, Vec::new());
    loop {
        to_listener.extend(std::iter::from_fn(|| dialler.next_frame()));
        let more = !to_listener.is_empty();
        // All that was said is heard before anything is answered.
        for frame in to_listener.drain(..) {
            listener.receive(&frame, &full, NOW).unwrap();
            while listener.next_event().is_some() {}
        }
        let answers: Vec<_> = std::iter::from_fn(|| listener.next_frame()).collect();
        if !more && answers.is_empty() {
            break;
        }
        for frame in answers {
            dialler.receive(&frame, &empty, NOW).unwrap();
            // What is said goes out at once.
            to_listener.extend(std::iter::from_fn(|| dialler.next_frame()));
            while let Some(event) = dialler.next_event() {
                if let Event::Offered(ids) = event {
                    offered += ids.len();
                }
            }
        }
    }
    assert_eq!(offered, 60_000);
}

#[test]
fn one_who_offers_and_reads_nothing_is_asked_for_little() {
    let mut a = met(Role::Listener);
    for round in 0..2_000 {
        let ids: Vec<_> = (0..1_024).map(|n| id(round * 1_024 + n)).collect();
        a.session.receive(&have(&ids), &Set::default(), NOW).unwrap();
        while let Some(event) = a.session.next_event() {
            let Event::Offered(ids) = event else { panic!("{event:?}") };
            a.session.want(&ids, NOW);
        }
        // Not to give it makes room for the next.
        let mut frame = have(&ids);
        let at = frame.len() - b"4:havee".len();
        frame[at..].copy_from_slice(b"4:gonee");
        a.session.receive(&frame, &Set::default(), NOW).unwrap();
        while a.session.next_event().is_some() {}
        assert!(a.session.queued() < 4 << 20, "{} in round {round}", a.session.queued());
    }
}

/// Ann's history comes to Bob by a comparison while Cyd is connected to him.
#[test]
fn history_that_is_passed_on_drops_nobody() {
    let history = spread(0..7_000, 20);
    let first = day_of(NOW) - 30;
    let mut ann = Node::new(Role::Dialler, history.clone(), first, 0);
    let mut bob = Node::new(Role::Listener, Set::default(), first, 0);
    let mut for_cyd = Node::new(Role::Dialler, Set::default(), first, 0);
    let mut cyd = Node::new(Role::Listener, Set::default(), first, 0);
    talk(&mut for_cyd, &mut cyd);
    talk(&mut ann, &mut bob);
    assert_eq!(bob.set.0.len(), 7_000);
    // Bob takes all of it for fresh, and it is there within two seconds.
    for second in 0..2 {
        for (n, ((_, id), _)) in bob.set.0.iter().enumerate().filter(|(n, _)| n % 2 == second) {
            for_cyd.set.0.extend(bob.set.0.iter().skip(n).take(1));
            let record = for_cyd.record(id).unwrap();
            for_cyd.session.push(*id, &record, NOW + second as u64);
        }
        talk(&mut for_cyd, &mut cyd);
    }
    for_cyd.session.tick(&Set::default(), NOW + 2).unwrap();
    talk(&mut for_cyd, &mut cyd);
    assert_eq!(cyd.set.0.len(), 7_000);
    // It was told in frames of many, for each of which Cyd counts one.
    assert!(cyd.sent < 1_024 + 5 + 100, "{} frames", cyd.sent);
}

#[test]
fn answers_are_not_counted_however_many() {
    let mut a = met(Role::Dialler);
    for round in 0..20 {
        let ids: Vec<_> = (0..1_000).map(|n| id(round * 1_000 + n)).collect();
        a.session.want(&ids, NOW);
        let frame = format!("d4:listl{}e1:m7:recordse", "1:x".repeat(1_000));
        a.session.receive(frame.as_bytes(), &Set::default(), NOW).unwrap();
        a.session.arrived(&ids);
    }
}

#[test]
fn a_peer_that_serves_nothing_of_what_it_offers_is_dropped() {
    let mut a = met(Role::Listener);
    let ids: Vec<_> = (0..4_096).map(id).collect();
    a.session.want(&ids[..4_095], NOW);
    a.session.tick(&Set::default(), NOW + 11).unwrap();
    // What it did not serve, it need not offer again for an hour.
    while a.session.next_event().is_some() {}
    a.session.receive(&have(&ids[..2]), &Set::default(), NOW + 12).unwrap();
    assert_eq!(a.session.next_event(), None);
    a.session.receive(&have(&ids[..2]), &Set::default(), NOW + 12 + 3_600).unwrap();
    assert_eq!(a.session.next_event(), Some(Event::Offered(ids[..2].to_vec())));
    a.session.want(&ids[4_095..], NOW + 20);
    assert!(a.session.tick(&Set::default(), NOW + 200).is_err());
    // One that serves now and then is only slow.
    let mut a = met(Role::Listener);
    for round in 0..4 {
        a.session.want(&ids[..4_095], NOW + round * 200);
        a.session.arrived(&ids[..1]);
        a.session.tick(&Set::default(), NOW + round * 200 + 150).unwrap();
    }
}

#[test]
fn a_listener_does_not_wait_for_the_next_step_for_ever() {
    let set = || spread(0..100, 5);
    let mut node = Node::new(Role::Listener, set(), day_of(NOW) - 30, 0);
    let digests: &[u8] = b"d4:days0:1:m7:digestse";
    for frame in [HELLO, OPEN, digests] {
        node.session.receive(frame, &set(), NOW).unwrap();
    }
    node.session.tick(&set(), NOW + 300).unwrap();
    let fault = Fault::Silent("no next step of a comparison");
    assert_eq!(node.session.tick(&set(), NOW + 301), Err(fault));
}

#[test]
fn nobody_lacks_a_record_twice() {
    let set = || spread(0..100, 1);
    let mut node = Node::new(Role::Dialler, set(), day_of(NOW) - 30, 0);
    for frame in [HELLO, OPEN] {
        node.session.receive(frame, &set(), NOW).unwrap();
    }
    let day = day_of(NOW);
    let differ = [&b"d4:days4:"[..], &(day as u32).to_be_bytes(), b"1:m6:differe"].concat();
    node.session.receive(&differ, &set(), NOW).unwrap();
    // A first range that differs, so that the day goes on, and all the rest lacking.
    let data = [&[0x61, 1, 0, 1][..], &[0x99; 16], &[0, 0, 2, 0]].concat();
    let answer = reconcile(day, &data);
    while node.session.next_frame().is_some() {}
    assert_eq!(node.session.receive(&answer, &set(), NOW), Ok(()));
    while node.session.next_frame().is_some() {}
    let fault = Fault::Quota("records said to be lacking");
    assert_eq!(node.session.receive(&answer, &set(), NOW), Err(fault));
}

fn fault_of(frames: &[&[u8]], role: Role) -> Fault {
    let mut node = Node::new(role, spread(0..100, 5), day_of(NOW) - 30, 0);
    for frame in frames {
        if let Err(fault) = node.session.receive(frame, &spread(0..100, 5), NOW) {
            return fault;
        }
        node.work();
    }
    panic!("no fault");
}

#[test]
fn hostile_peers_are_dropped() {
    const LATER: &[u8] = b"d5:framei262144e1:m5:hello3:maxi9e3:mini2ee";
    const OTHER: &[u8] = b"d4:bitsi0e5:board5:other5:firsti0e4:lasti99999e1:m4:opene";
    const DIGESTS: &[u8] = b"d4:days0:1:m7:digestse";
    const RECONCILE: &[u8] = b"d4:data1:x3:dayi20833e1:m9:reconcilee";
    let (l, d) = (Role::Listener, Role::Dialler);
    assert!(fault_of(&[b"garbage"], l).is_lie());
    assert!(fault_of(&[OPEN], l).is_lie());
    assert!(fault_of(&[HELLO, HELLO], l).is_lie());
    assert!(fault_of(&[HELLO, DIGESTS], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, OPEN], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DIGESTS], d).is_lie());
    assert!(fault_of(&[HELLO, OPEN, RECONCILE], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DIGESTS, RECONCILE], l).is_lie());
    assert!(!fault_of(&[LATER], l).is_lie());
    assert!(!fault_of(&[HELLO, OTHER], l).is_lie());
    let many: Vec<&[u8]> = [HELLO, OPEN].into_iter().chain([DIGESTS; 100]).collect();
    assert_eq!(fault_of(&many, l), Fault::Quota("comparisons"));
    let records = format!("d4:listl{}e1:m7:recordse", "1:x".repeat(5_000));
    let records: Vec<&[u8]> = vec![HELLO, OPEN, records.as_bytes()];
    assert_eq!(fault_of(&records, l), Fault::Quota("records that nobody asked for"));
}

#[test]
fn a_silent_peer_is_dropped() {
    let mut node = Node::new(Role::Listener, Set::default(), 0, 0);
    node.session.tick(&Set::default(), NOW + 60).unwrap();
    assert!(node.session.tick(&Set::default(), NOW + 61).is_err());
}

/// A set of any size with its answers at hand, and a conversation that only counts ids.
struct Large {
    days: BTreeMap<u64, Vec<(u64, WorkId)>>,
    ids: HashSet<WorkId>,
}

impl Large {
    fn new(records: impl Iterator<Item = (u64, WorkId)>) -> Self {
        let mut set = Self { days: BTreeMap::new(), ids: HashSet::new() };
        records.for_each(|(time, id)| set.insert(time, id));
        set.days.values_mut().for_each(|day| day.sort_unstable());
        set
    }

    fn insert(&mut self, time: u64, id: WorkId) {
        if self.ids.insert(id) {
            self.days.entry(day_of(time)).or_default().push((time, id));
        }
    }
}

impl Source for Large {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        let digest = |(day, records): (&u64, &Vec<(u64, WorkId)>)| {
            let mut digest = DayDigest::empty(*day);
            records.iter().for_each(|(_, id)| digest.insert(id));
            digest
        };
        self.days.range(days).map(digest).collect()
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
        let mut day = self.days.get(&day).cloned().unwrap_or_default();
        day.sort_unstable();
        day
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        works.iter().filter(|work| !self.ids.contains(work)).copied().collect()
    }
}

/// A full day, as many as the smallest records make: the limits of messages and rounds allow it.
#[test]
fn a_full_day_can_be_joined_from_either_side() {
    let start = day_of(NOW) * 86_400;
    let full = Large::new((0..320_000).map(|n| (start + n * 86_400 / 320_000, id(n))));
    let empty = Large::new(std::iter::empty());
    let counts = |(for_b, for_a): (Vec<WorkId>, Vec<WorkId>)| (for_a.len(), for_b.len());
    assert_eq!(counts(exchange(&empty, &full)), (320_000, 0));
    assert_eq!(counts(exchange(&full, &empty)), (0, 320_000));
}

/// An old node that dials a new one may not push its whole history at it: it offers, and the new
/// one asks.
#[test]
fn a_new_listener_gets_a_long_history() {
    let set = spread(0..12_000, 20);
    let mut a = Node::new(Role::Dialler, set, day_of(NOW) - 30, 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW) - 30, 0);
    let (mut wanted, mut arrived) = (VecDeque::new(), 0);
    loop {
        let mut moved = false;
        while let Some(frame) = a.session.next_frame() {
            moved = true;
            b.session.receive(&frame, &Set::default(), NOW).unwrap();
            while let Some(event) = b.session.next_event() {
                match event {
                    Event::Offered(ids) => wanted.extend(ids),
                    Event::Records(list) => {
                        arrived += list.len();
                        let id = |record: &Vec<u8>| WorkId::from_slice(record).unwrap();
                        b.session.arrived(&list.iter().map(id).collect::<Vec<_>>());
                    }
                    _ => {}
                }
            }
        }
        let ids: Vec<_> = wanted.drain(..).collect();
        wanted.extend(b.session.want(&ids, NOW));
        while let Some(frame) = b.session.next_frame() {
            moved = true;
            a.session.receive(&frame, &a.set.clone(), NOW).unwrap();
        }
        while let Some(event) = a.session.next_event() {
            if let Event::Serve(ids) = event {
                let records = ids.iter().map(|id| (*id, id.as_bytes().to_vec())).collect();
                a.session.serve(records, &[]);
            }
        }
        if !moved {
            break;
        }
    }
    assert_eq!(arrived, 12_000);
}

const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1ee";
const OPEN: &[u8] = b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene";
const DIFFER: &[u8] = b"d4:days0:1:m6:differe";
const DONE: &[u8] = b"d1:m4:donee";
const JUNK: &[u8] = b"d4:listl1:xe1:m7:recordse";

#[test]
fn answers_that_nobody_asked_for_are_faults() {
    let (l, d) = (Role::Listener, Role::Dialler);
    assert!(fault_of(&[HELLO, OPEN, DIFFER, DIFFER], d).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DONE], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DIFFER], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DONE], d).is_lie());
    let small = b"d5:framei65536e1:m5:hello3:maxi1e3:mini1ee";
    assert!(!fault_of(&[small], l).is_lie());
    let ids: Vec<u8> = (0..1_024).flat_map(|n| *id(n).as_bytes()).collect();
    let want = [&b"d3:ids32768:"[..], &ids, b"1:m4:wante"].concat();
    let mut node = Node::new(l, Set::default(), 0, 0);
    let frames: Vec<&[u8]> =
        [HELLO, OPEN].into_iter().chain(std::iter::repeat_n(&want[..], 17)).collect();
    let faults: Vec<_> = frames
        .iter()
        .filter_map(|frame| node.session.receive(frame, &node.set, NOW).err())
        .collect();
    assert_eq!(faults, [Fault::Quota("records asked for at once")]);
}

#[test]
fn days_beyond_the_own_range_wait_and_are_no_fault() {
    let mut a = Node::new(Role::Dialler, spread(0..10, 2), day_of(NOW) - 30, 0);
    let far =
        [&b"d4:days4:"[..], &(day_of(NOW) as u32 + 9).to_be_bytes(), b"1:m6:differe"].concat();
    for frame in [HELLO, OPEN, &far] {
        a.session.receive(frame, &a.set.clone(), NOW).unwrap();
    }
    a.work();
    assert_eq!(a.compared, 1);
}

#[test]
fn a_comparison_that_is_not_answered_ends_the_connection_and_is_no_lie() {
    let mut a = Node::new(Role::Dialler, spread(0..10, 2), day_of(NOW) - 30, 0);
    for frame in [HELLO, OPEN] {
        a.session.receive(frame, &a.set.clone(), NOW).unwrap();
    }
    a.session.tick(&a.set, NOW + 300).unwrap();
    let fault = a.session.tick(&a.set, NOW + 301).unwrap_err();
    assert!(matches!(fault, Fault::Silent(_)) && !fault.is_lie());
}

#[test]
fn a_slow_peer_may_finish_and_a_dripping_one_may_not_hold_things_for_long() {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    a.session.want(&(0..100).map(id).collect::<Vec<_>>(), NOW);
    let late = |event| matches!(event, Some(Event::Unserved(..)));
    for seconds in (5..=120).step_by(5) {
        a.session.receive(JUNK, &Set::default(), NOW + seconds).unwrap();
        assert!(matches!(a.session.next_event(), Some(Event::Records(_))));
        a.session.arrived(&[id(seconds / 5)]);
        a.session.tick(&Set::default(), NOW + seconds).unwrap();
        assert!(!late(a.session.next_event()), "{seconds}");
    }
    a.session.tick(&Set::default(), NOW + 121).unwrap();
    assert!(late(a.session.next_event()));
}

#[test]
fn junk_is_no_sign_of_a_slow_peer() {
    let texts = [&b"d3:ids32:"[..], id(9).as_bytes(), b"4:listl1:xe1:m5:textse"].concat();
    for junk in [JUNK, &texts] {
        let mut a = met(Role::Dialler);
        a.session.want(&[id(1), id(2)], NOW);
        a.session.receive(junk, &Set::default(), NOW + 9).unwrap();
        while a.session.next_event().is_some() {}
        a.session.tick(&Set::default(), NOW + 11).unwrap();
        let late = vec![id(1), id(2)];
        assert!(matches!(a.session.next_event(), Some(Event::Unserved(records, _))
            if HashSet::<WorkId>::from_iter(records.clone()) == HashSet::from_iter(late)));
    }
}

#[test]
fn what_a_peer_was_told_is_remembered_within_bounds() {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    let ids: Vec<_> = (0..100_000).map(id).collect();
    for (second, ids) in (NOW..).zip(ids.chunks(1_024)) {
        a.session.offer(ids, second);
        a.session.offer(ids, second);
        let frames = std::iter::from_fn(|| a.session.next_frame()).count();
        assert_eq!(frames, 1, "told once");
    }
    // Bounded: the first ones were forgotten, so they may be told again.
    a.session.offer(&ids[..1], NOW + 200);
    assert!(a.session.next_frame().is_some());
    // What the peer told is not told back.
    let have = [&b"d3:ids32:"[..], id(7).as_bytes(), b"1:m4:havee"].concat();
    a.session.receive(&have, &Set::default(), NOW).unwrap();
    a.session.push(id(7), b"record", NOW + 201);
    a.session.offer(&[id(7)], NOW + 201);
    a.session.tick(&Set::default(), NOW + 202).unwrap();
    assert_eq!(a.session.next_frame(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Frames that are lost, doubled or come in another order: no panic, and either a fault or no
    /// more than the truth.
    #[test]
    fn a_broken_connection_does_no_harm(
        left in proptest::collection::btree_set(0..200u64, 0..100),
        right in proptest::collection::btree_set(0..200u64, 0..100),
        faults in proptest::collection::vec(0..12u8, 0..40),
    ) {
        let (left, right) = (spread(left.into_iter(), 5), spread(right.into_iter(), 5));
        let mut union = left.clone();
        union.0.extend(right.0.clone());
        let mut a = Node::new(Role::Dialler, left, day_of(NOW) - 30, 0);
        let mut b = Node::new(Role::Listener, right, day_of(NOW) - 30, 0);
        let mut queues = [VecDeque::new(), VecDeque::new()];
        let mut faults = faults.into_iter();
        'talk: loop {
            queues[0].extend(std::iter::from_fn(|| a.session.next_frame()));
            queues[1].extend(std::iter::from_fn(|| b.session.next_frame()));
            if queues.iter().all(VecDeque::is_empty) {
                break;
            }
            for (queue, node) in queues.iter_mut().zip([&mut b, &mut a]) {
                match faults.next() {
                    Some(0) => drop(queue.pop_front()),
                    Some(1) => queue.rotate_left(usize::from(queue.len() > 1)),
                    Some(2) => queue.extend(queue.front().cloned()),
                    _ => {}
                }
                let Some(frame) = queue.pop_front() else { continue };
                let set = node.set.clone();
                if node.session.receive(&frame, &set, NOW).is_err() {
                    break 'talk;
                }
                node.work();
            }
        }
        for node in [&a, &b] {
            prop_assert!(node.set.0.iter().all(|(key, bits)| union.0.get(key) == Some(bits)));
        }
    }
}

/// 300 nodes, each with a record of its own, on a ring with a few random chords; nodes that talk
/// compare once, and a few rounds later everyone has everything.
#[test]
fn a_network_converges() {
    const NODES: usize = 300;
    let start = day_of(NOW) * 86_400;
    let mut sets: Vec<Large> =
        (0..NODES as u64).map(|n| Large::new(std::iter::once((start + n, id(n))))).collect();
    let times: HashMap<WorkId, u64> = (0..NODES as u64).map(|n| (id(n), start + n)).collect();
    let mut state = 1u64;
    let mut random = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut rounds = 0;
    while sets.iter().any(|set| set.ids.len() < NODES) {
        rounds += 1;
        assert!(rounds <= 12, "slower than doubling allows");
        for n in 0..NODES {
            let other = if rounds % 2 == 1 { (n + 1) % NODES } else { random(NODES) };
            if n == other {
                continue;
            }
            let (ours, theirs) = exchange(&sets[n], &sets[other]);
            theirs.iter().for_each(|id| sets[n].insert(times[id], *id));
            ours.iter().for_each(|id| sets[other].insert(times[id], *id));
        }
    }
}

/// What each side lacks, as its session says.
fn exchange(a: &Large, b: &Large) -> (Vec<WorkId>, Vec<WorkId>) {
    let options = Options { board: BoardName::upseed(), first: day_of(NOW) - 1, min_bits: 0 };
    let mut dialler = Session::new(Role::Dialler, options.clone(), &Sets::default(), NOW);
    let mut listener = Session::new(Role::Listener, options, &Sets::default(), NOW);
    let (mut for_a, mut for_b) = (Vec::new(), Vec::new());
    loop {
        let mut moved = false;
        while let Some(frame) = dialler.next_frame() {
            moved = true;
            listener.receive(&frame, b, NOW).unwrap();
        }
        while let Some(frame) = listener.next_frame() {
            moved = true;
            dialler.receive(&frame, a, NOW).unwrap();
        }
        for (session, offered) in [(&mut dialler, &mut for_a), (&mut listener, &mut for_b)] {
            while let Some(event) = session.next_event() {
                if let Event::Offered(ids) = event {
                    offered.extend(ids);
                }
            }
        }
        if !moved {
            return (for_b, for_a);
        }
    }
}
