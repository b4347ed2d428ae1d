//! Comparing sets, the listener's side: it says which days differ, and answers about those.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use super::{
    allowance::Allowance,
    context::{AHEAD, Context, OTHER_DAY, Rounds},
    event::Event,
    range::{Range, Row},
};
use crate::{
    limits::{COMPARE_SECONDS, COMPARISON_SECONDS, COMPARISONS, MAX_OPEN_DAYS, UNASKED_PER_SECOND},
    sync::{fault::Fault, frame::Frame, reconcile::Day, sets::Sets},
};

/// Things not asked for as which it counts when a day's set must be loaded again, because the peer asks
/// about more days in turn than are kept in memory. A dialler that finishes its days does not.
const LOADED_AGAIN: u64 = 16;

pub(super) struct Answering {
    range: Range,
    /// Comparisons that the peer may begin.
    comparisons: Allowance,
    /// `digests` came, and no `done` yet.
    comparison: Option<Comparison>,
}

struct Comparison {
    /// The days that differ: the peer may ask about these only.
    days: BTreeMap<u64, OpenDay>,
    /// Answers so far.
    turn: u64,
    /// When the peer last said something about it.
    progressed: u64,
}

#[derive(Default)]
struct OpenDay {
    /// The set of the last answer, for as long as there is room for it in [`Sets`].
    last: Option<Weak<Day>>,
    rounds: Rounds,
    /// The turn in which it was last asked about.
    used: u64,
}

impl Answering {
    pub const fn new(range: Range, since: u64) -> Self {
        let comparisons = Allowance::new(COMPARISONS, since);
        Self { range, comparisons, comparison: None }
    }

    /// Answers digests with the days that differ.
    pub fn compare(&mut self, rows: &[Row], cx: &mut Context<'_>) -> Result<(), Fault> {
        if !self.comparisons.take(1, 1, COMPARISON_SECONDS, cx.now) {
            return Err(Fault::Quota("comparisons"));
        }
        let range = self.range.until_tomorrow(cx.now);
        let by_day = |rows: &[Row]| -> HashMap<u32, (u32, [u8; 16])> {
            rows.iter().map(|(day, count, print)| (*day, (*count, *print))).collect()
        };
        let ours = by_day(&range.digests(cx.source, &cx.options.board));
        let theirs = by_day(rows);
        let mut differ: Vec<u32> = ours
            .keys()
            .chain(theirs.keys())
            .filter(|day| range.contains(u64::from(**day)))
            .filter(|day| ours.get(day) != theirs.get(day))
            .copied()
            .collect();
        differ.sort_unstable();
        differ.dedup();
        let days = differ.iter().map(|day| (u64::from(*day), OpenDay::default())).collect();
        self.comparison = Some(Comparison { days, turn: 0, progressed: cx.now });
        cx.sets.tidy();
        cx.out.put(&Frame::Differ(differ));
        Ok(())
    }

    /// Answers a question about a day.
    pub fn answer(
        &mut self,
        number: u64,
        question: &[u8],
        cx: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let comparison = self.comparison.as_mut().ok_or(OTHER_DAY)?;
        comparison.progressed = cx.now;
        let open = comparison.days.get_mut(&number).ok_or(OTHER_DAY)?;
        let again = !open.rounds.is_first() && open.last.is_none();
        if again && !cx.unasked.take(LOADED_AGAIN, UNASKED_PER_SECOND, 1, cx.now) {
            return Err(Fault::Quota("days to be loaded again"));
        }
        let unsent = cx.out.unsent_days();
        if unsent.contains(&number) || unsent.len() >= MAX_OPEN_DAYS {
            return Err(AHEAD);
        }
        open.rounds.count()?;
        // The same as for the last answer, if it is still there.
        let set = match open.last.as_ref().and_then(Weak::upgrade) {
            Some(set) => set,
            None => cx.sets.day(cx.source, &cx.options.board, number, self.range.bits)?,
        };
        cx.sets.used(&set);
        let data = set.answer(question)?;
        comparison.turn += 1;
        (open.last, open.used) = (Some(Arc::downgrade(&set)), comparison.turn);
        cx.out.put(&Frame::Reconcile { day: number, data });
        comparison.unload_finished_days(cx.sets);
        Ok(())
    }

    /// The peer is over with the comparison.
    pub fn done(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        if self.comparison.take().is_none() {
            return Err(Fault::Unexpected("done without a comparison"));
        }
        cx.sets.tidy();
        cx.events.push_back(Event::Compared);
        Ok(())
    }

    pub fn tick(&self, now: u64) -> Result<(), Fault> {
        let silent = |comparison: &Comparison| now > comparison.progressed + COMPARE_SECONDS;
        if self.comparison.as_ref().is_some_and(silent) {
            return Err(Fault::Silent("no next step of a comparison"));
        }
        Ok(())
    }

    /// Lets go of all sets.
    pub fn close(&mut self) {
        self.comparison = None;
    }
}

impl Comparison {
    /// Remembers at most as many sets as a dialler asks about at once. It answers in order, so the
    /// day that was asked about longest ago is one that the dialler has finished.
    fn unload_finished_days(&mut self, sets: &Sets) {
        let loaded = || self.days.values().filter(|open| open.last.is_some());
        if loaded().count() > MAX_OPEN_DAYS {
            let oldest = loaded().map(|open| open.used).min();
            for open in self.days.values_mut().filter(|open| Some(open.used) == oldest) {
                open.last = None;
            }
            sets.tidy();
        }
    }
}
