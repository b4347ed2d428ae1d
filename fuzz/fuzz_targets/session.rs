//! A peer that says anything: the first byte chooses the role, then come frames, each after its
//! length in two bytes. A length of 0 lets time pass. A session may refuse, and never panics, sends
//! a frame that is none, or keeps more than its quotas allow.
#![no_main]

use std::ops::RangeInclusive;

use libfuzzer_sys::fuzz_target;
use upseed_model::{
    BoardName, WorkId,
    limits::{MAX_FRAME, MAX_QUEUED},
    sync::{DayDigest, Event, Frame, Options, Role, Session, Sets, Source, day_of},
};

const NOW: u64 = 1_790_100_000;

struct Set(Vec<(u64, WorkId)>);

impl Set {
    /// 300 records of three days.
    fn new() -> Self {
        let record = |n: u64| {
            let mut id = [n as u8; 32];
            id[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            (NOW - n * 864, WorkId::from_bytes(id))
        };
        let mut records: Vec<_> = (0..300).map(record).collect();
        records.sort_unstable();
        Self(records)
    }
}

impl Source for Set {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        let mut digests: Vec<DayDigest> = Vec::new();
        for (time, id) in self.0.iter().filter(|(time, _)| days.contains(&day_of(*time))) {
            if digests.last().is_none_or(|digest| digest.day != day_of(*time)) {
                digests.push(DayDigest::empty(day_of(*time)));
            }
            digests.last_mut().unwrap().insert(id);
        }
        digests
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
        self.0.iter().filter(|(time, _)| day_of(*time) == day).copied().collect()
    }

    fn unknown(&self, works: &[WorkId]) -> Vec<WorkId> {
        let known = |work: &WorkId| self.0.iter().any(|(_, id)| id == work);
        works.iter().filter(|work| !known(work)).copied().collect()
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((first, mut rest)) = input.split_first() else { return };
    let role = if first & 1 == 0 { Role::Dialler } else { Role::Listener };
    let options = Options { board: BoardName::upseed(), first: day_of(NOW) - 30, min_bits: 16 };
    let (set, mut now) = (Set::new(), NOW);
    let mut session = Session::new(role, options, &Sets::default(), now);
    if first & 2 != 0 {
        // Most inputs would not get past the greeting.
        for frame in [
            &b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee"[..],
            b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene",
        ] {
            session.receive(frame, &set, now).unwrap();
        }
    }
    while let Some((length, tail)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let (frame, tail) = tail.split_at(length.min(tail.len()));
        rest = tail;
        let result = if frame.is_empty() {
            now += 150;
            session.tick(&set, now)
        } else {
            session.receive(frame, &set, now)
        };
        if let Err(fault) = result {
            assert!(!fault.to_string().is_empty());
            return;
        }
        while let Some(event) = session.next_event() {
            match event {
                Event::Offered(ids) => drop(session.want(&ids, now)),
                Event::Serve(ids) => {
                    let records = ids.iter().map(|id| (*id, id.as_bytes().to_vec())).collect();
                    session.serve(records, &ids);
                }
                Event::Records(list) => {
                    let ids: Vec<_> =
                        list.iter().filter_map(|record| WorkId::from_slice(record)).collect();
                    session.arrived(&ids);
                }
                Event::TextsWanted(ids) => {
                    let texts = ids.iter().map(|id| (*id, vec![b'x'; 20_000])).collect();
                    session.send_texts(texts, &ids);
                }
                Event::Texts(_) => drop(session.want_texts(&[WorkId::from_bytes([1; 32])], now)),
                _ => {}
            }
        }
        // What one frame can make a session prepare: the queue up to its limit, then one answer.
        assert!(session.queued() < MAX_QUEUED + 8 * MAX_FRAME);
        while let Some(frame) = session.next_frame() {
            assert!(frame.len() <= MAX_FRAME);
            assert!(Frame::from_bytes(&frame).is_ok());
        }
    }
});
