//! Comparing sets, the dialler's side: digests of days first, then negentropy inside the days that
//! differ.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    context::{AHEAD, Context, OTHER_DAY, Rounds},
    event::Event,
    range::Range,
};
use crate::{
    limits::{COMPARE_SECONDS, MAX_OPEN_DAYS},
    sync::{
        fault::Fault,
        frame::Frame,
        reconcile::{Day, Difference},
    },
};

pub(super) struct Asking {
    range: Range,
    step: Step,
    /// When the next comparison begins.
    next: u64,
    /// When the peer last said something about this one.
    progressed: u64,
}

enum Step {
    Idle,
    /// `digests` went out and no `differ` came yet.
    Digests,
    Days(Days),
}

/// The days that differ.
struct Days {
    /// Not begun yet, the newest last.
    todo: Vec<u64>,
    open: BTreeMap<u64, OpenDay>,
    /// How many are finished, and how many there are in all.
    compared: (usize, usize),
}

struct OpenDay {
    /// The same one until the day is over.
    set: Arc<Day>,
    rounds: Rounds,
    /// Records that the peer was found to lack.
    ours: usize,
}

impl Asking {
    /// Begins the first comparison.
    pub fn begin(range: Range, cx: &mut Context<'_>) -> Self {
        let mut asking = Self { range, step: Step::Idle, next: 0, progressed: 0 };
        asking.send_digests(cx);
        asking
    }

    fn send_digests(&mut self, cx: &mut Context<'_>) {
        self.range = self.range.until_tomorrow(cx.now);
        self.next = cx.now + COMPARE_SECONDS;
        cx.out.put(&Frame::Digests(self.range.digests(cx.source, &cx.options.board)));
        self.step = Step::Digests;
        self.progressed = cx.now;
    }

    /// Begins with the newest days that differ.
    pub fn differ(&mut self, days: &[u32], cx: &mut Context<'_>) -> Result<(), Fault> {
        self.progressed = cx.now;
        if !matches!(self.step, Step::Digests) {
            return Err(Fault::Unexpected("differ without digests"));
        }
        // Another clock may be a day ahead: what lies outside this side's range waits.
        let mut todo: Vec<u64> = days.iter().map(|day| u64::from(*day)).collect();
        todo.retain(|day| self.range.contains(*day));
        let compared = (0, todo.len());
        cx.sets.tidy();
        self.ask(Days { todo, open: BTreeMap::new(), compared }, cx)
    }

    /// Asks about as many days as may be open at a time; without any, the comparison is over.
    fn ask(&mut self, mut days: Days, cx: &mut Context<'_>) -> Result<(), Fault> {
        while days.open.len() < MAX_OPEN_DAYS {
            let Some(number) = days.todo.pop() else { break };
            let set = cx.sets.day(cx.source, &cx.options.board, number, self.range.bits)?;
            let data = set.ask()?;
            days.open.insert(number, OpenDay { set, rounds: Rounds::default(), ours: 0 });
            cx.out.put(&Frame::Reconcile { day: number, data });
        }
        let (done, total) = days.compared;
        cx.events.push_back(Event::Progress { done, total });
        self.step = if days.open.is_empty() {
            cx.out.put(&Frame::Done);
            cx.events.push_back(Event::Compared);
            Step::Idle
        } else {
            Step::Days(days)
        };
        Ok(())
    }

    /// What an answer about a day says. [`Asking::go_on`] must follow.
    pub fn learn(
        &mut self,
        number: u64,
        answer: &[u8],
        cx: &Context<'_>,
    ) -> Result<Difference, Fault> {
        self.progressed = cx.now;
        let Step::Days(days) = &mut self.step else { return Err(OTHER_DAY) };
        let open = days.open.get_mut(&number).ok_or(OTHER_DAY)?;
        if cx.out.unsent_days().contains(&number) {
            return Err(AHEAD);
        }
        open.rounds.count()?;
        let difference = open.set.learn(answer)?;
        open.ours += difference.ours.len();
        // Each range is settled once: nobody lacks a record twice.
        if open.ours > open.set.len() {
            return Err(Fault::Quota("records said to be lacking"));
        }
        Ok(difference)
    }

    /// Asks the next question about a day, or goes on to the next days.
    pub fn go_on(
        &mut self,
        number: u64,
        question: Option<Vec<u8>>,
        cx: &mut Context<'_>,
    ) -> Result<(), Fault> {
        if let Some(data) = question {
            cx.out.put(&Frame::Reconcile { day: number, data });
            return Ok(());
        }
        let Step::Days(mut days) = std::mem::replace(&mut self.step, Step::Idle) else {
            return Ok(());
        };
        days.open.remove(&number);
        cx.sets.tidy();
        days.compared.0 += 1;
        self.ask(days, cx)
    }

    /// Begins the next comparison when it is due.
    pub fn tick(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        if cx.now < self.next {
            return Ok(());
        }
        match self.step {
            Step::Idle => self.send_digests(cx),
            Step::Digests | Step::Days(_) if cx.now > self.progressed + COMPARE_SECONDS => {
                return Err(Fault::Silent("no answer to a comparison"));
            }
            Step::Digests | Step::Days(_) => {}
        }
        Ok(())
    }
    /// Lets go of all sets.
    pub fn close(&mut self) {
        self.step = Step::Idle;
    }
}
