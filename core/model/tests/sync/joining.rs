//! Both sides end with the plain union of their sets.

use std::collections::{HashMap, VecDeque};

use proptest::prelude::*;
use upseed_model::{
    BoardName, WorkId,
    sync::{Event, Options, Role, Session, Sets, day_of},
};

use crate::{
    NOW,
    large::{Large, exchange},
    sides::{Node, Set, id, spread, talk},
};

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
