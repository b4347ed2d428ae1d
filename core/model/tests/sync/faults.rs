//! Who is dropped, and who is not.

use std::collections::HashSet;

use upseed_model::{
    WorkId,
    sync::{Event, Fault, Role, day_of},
};

use crate::{
    NOW,
    frames::{DIFFER, DONE, HELLO, JUNK, OPEN},
    sides::{Node, Set, id, met, spread, talk},
};

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
fn what_nobody_asked_for_is_weighed_and_not_only_counted() {
    let unknown = format!("d1:m5:later1:x200000:{}e", "x".repeat(200_000));
    let records = format!("d4:listl16384:{}e1:m7:recordse", "x".repeat(16_384));
    for frame in [unknown, records] {
        let mut a = met(Role::Dialler);
        let mut bytes = 0;
        while a.session.receive(frame.as_bytes(), &Set::default(), NOW).is_ok() {
            bytes += frame.len();
            while a.session.next_event().is_some() {}
        }
        assert!((8 << 20..17 << 20).contains(&bytes), "{bytes}");
    }
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
    const LATER: &[u8] = b"d5:framei262144e1:m5:hello3:maxi9e3:mini2e4:timei1800000000ee";
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

#[test]
fn answers_that_nobody_asked_for_are_faults() {
    let (l, d) = (Role::Listener, Role::Dialler);
    assert!(fault_of(&[HELLO, OPEN, DIFFER, DIFFER], d).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DONE], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DIFFER], l).is_lie());
    assert!(fault_of(&[HELLO, OPEN, DONE], d).is_lie());
    let small = b"d5:framei65536e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee";
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
