//! Strangers who do all that the protocol lets them do, against a whole node that others use meanwhile.
#![allow(clippy::unwrap_used, missing_docs)]

use upseed_tests::{Person, Stranger, until};

/// Other bytes each time: a whole id, of 32 bytes.
fn id(attacker: usize, number: usize) -> [u8; 32] {
    let mut bytes = [b'x'; 32];
    bytes[..8].copy_from_slice(&(attacker as u64).to_be_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

/// Records of a version that does not exist: no lie, and never the same.
fn junk(attacker: usize, frame: usize) -> Vec<u8> {
    let mut bytes = b"d4:listl".to_vec();
    for number in 0..2_000 {
        let mut record = b"d6:author32:".to_vec();
        record.extend(id(attacker, frame * 2_000 + number));
        record.extend(b"1:vi2ee");
        bytes.extend(format!("{}:", record.len()).into_bytes());
        bytes.extend(record);
    }
    bytes.extend(b"e1:m7:recordse");
    bytes
}

/// Offers of what nobody has.
fn offers(attacker: usize, frame: usize) -> Vec<u8> {
    let mut bytes = b"d3:ids32768:".to_vec();
    (0..1_024).for_each(|number| bytes.extend(id(attacker, frame * 1_024 + number)));
    bytes.extend(b"1:m4:havee");
    bytes
}

#[test]
fn floods_hold_up_neither_the_user_nor_other_members() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let victim = ann.swarm_addr();
    let attackers: Vec<_> = (0..6)
        .map(|n| match n % 3 {
            0 => Stranger::start(victim, move |frame| Some(junk(n, frame))),
            1 => Stranger::start(victim, move |frame| Some(offers(n, frame))),
            _ => Stranger::start(victim, move |frame| {
                Some(if frame % 2 == 0 { offers(n, frame) } else { junk(n, frame) })
            }),
        })
        .collect();
    until("all of them are at it", || {
        attackers.iter().all(|attacker| attacker.sent() > 20).then_some(())
    });
    for round in 0..2 {
        let id = bob.post("upseed", &format!("Bob {round}"), "Still here.\n");
        until("Ann gets it with its text", || {
            ann.listed(&id).filter(|item| item["text"] == "Still here.\n")
        });
        let id = ann.post("upseed", &format!("Ann {round}"), "So am I.\n");
        until("Bob gets it with its text", || {
            bob.listed(&id).filter(|item| item["text"] == "So am I.\n")
        });
    }
    // Bob never had to go.
    assert!(ann.status()["peers"].as_u64().unwrap() >= 1);
    let (megabytes, pid) = (ann.peak_memory() / 1_024, ann.pid());
    assert!(megabytes < 400, "{megabytes} MB of process {pid}");
    let sent: usize = attackers.iter().map(|attacker| attacker.sent()).sum();
    eprintln!("{sent} hostile frames; the node's memory at most {megabytes} MB");
}
