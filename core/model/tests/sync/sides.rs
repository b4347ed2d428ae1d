//! Two sides of the simplest kind, joined by queues.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;

use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Event, Options, Role, Session, Sets, Source, day_of},
};

use crate::NOW;

#[derive(Default, Clone)]
pub struct Set(pub BTreeMap<(u64, WorkId), u8>);

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
pub struct Node {
    pub set: Set,
    pub session: Session,
    pub sent: usize,
    pub compared: usize,
}

impl Node {
    pub fn new(role: Role, set: Set, first: u64, min_bits: u8) -> Self {
        Self::with_sets(&Sets::default(), role, set, first, min_bits)
    }

    pub fn with_sets(sets: &Sets, role: Role, set: Set, first: u64, min_bits: u8) -> Self {
        let options = Options { board: BoardName::upseed(), first, min_bits };
        Self { set, session: Session::new(role, options, sets, NOW), sent: 0, compared: 0 }
    }

    pub fn record(&self, id: &WorkId) -> Option<Vec<u8>> {
        let (key, bits) = self.set.0.iter().find(|(key, _)| key.1 == *id)?;
        Some([&key.0.to_be_bytes()[..], key.1.as_bytes(), &[*bits]].concat())
    }

    pub fn work(&mut self) {
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
pub fn talk(a: &mut Node, b: &mut Node) -> usize {
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

pub fn id(n: u64) -> WorkId {
    use std::hash::{Hash, Hasher};
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.chunks_mut(8).enumerate() {
        let mut hasher = std::hash::DefaultHasher::new();
        (n, index).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_be_bytes());
    }
    WorkId::from_bytes(bytes)
}

pub fn spread(numbers: impl Iterator<Item = u64>, days: u64) -> Set {
    Set(numbers.map(|n| ((NOW - n * 997 % (days * 86_400), id(n)), 16 + (n % 4) as u8)).collect())
}

/// Two nodes without records that have agreed, seen from one side.
pub fn met(role: Role) -> Node {
    let mut a = Node::new(Role::Dialler, Set::default(), day_of(NOW), 0);
    let mut b = Node::new(Role::Listener, Set::default(), day_of(NOW), 0);
    talk(&mut a, &mut b);
    if role == Role::Dialler { a } else { b }
}
