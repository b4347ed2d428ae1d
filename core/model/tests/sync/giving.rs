//! Records and texts: what is asked for, and what is given.

use upseed_model::sync::{Event, Fault, Role, day_of};

use crate::{
    NOW,
    frames::{HELLO, OPEN, have, reconcile},
    sides::{Node, Set, id, met, spread, talk},
};

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
