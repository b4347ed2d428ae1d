//! Sets of any size with their answers at hand, and conversations that only count ids.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Event, Options, Role, Session, Sets, Source, day_of},
};

use crate::NOW;

/// A set of any size with its answers at hand, and a conversation that only counts ids.
pub struct Large {
    pub days: BTreeMap<u64, Vec<(u64, WorkId)>>,
    pub ids: HashSet<WorkId>,
}

impl Large {
    pub fn new(records: impl Iterator<Item = (u64, WorkId)>) -> Self {
        let mut set = Self { days: BTreeMap::new(), ids: HashSet::new() };
        records.for_each(|(time, id)| set.insert(time, id));
        set.days.values_mut().for_each(|day| day.sort_unstable());
        set
    }

    pub fn insert(&mut self, time: u64, id: WorkId) {
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

/// What each side lacks, as its session says.
pub fn exchange(a: &Large, b: &Large) -> (Vec<WorkId>, Vec<WorkId>) {
    exchange_since(day_of(NOW) - 1, a, b)
}

/// [`exchange`] of all days from `first` on.
pub fn exchange_since(first: u64, a: &Large, b: &Large) -> (Vec<WorkId>, Vec<WorkId>) {
    let options = Options { board: BoardName::upseed(), first, min_bits: 0 };
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
