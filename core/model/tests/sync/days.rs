//! Days that are compared: how many at a time, and what of them is in memory.

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Fault, Options, Role, Session, Sets, Source, day_of},
};

use crate::{
    NOW,
    frames::{ASK_ALL, HAVE_NONE, HELLO, OPEN, reconcile},
    large::{Large, exchange_since},
    sides::id,
};

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

#[test]
fn a_listener_may_answer_about_every_day_as_often_as_it_takes() {
    // 380 days that take several rounds each, in one moment.
    let first = day_of(NOW) - 379;
    let records = |lacking: u64| {
        let all = (0..380 * 400).filter(move |n| n / 380 != lacking);
        Large::new(all.map(move |n| ((first + n % 380) * 86_400 + n / 380, id(n))))
    };
    let (for_b, for_a) = exchange_since(first, &records(100), &records(300));
    assert_eq!((for_a.len(), for_b.len()), (380, 380));
}
