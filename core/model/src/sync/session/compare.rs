//! Comparing sets: digests of days first, then negentropy inside the days that differ.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use super::{Difference, Event, Fault, Frame, OpenDay, Role, Session, Source};
use crate::{
    BoardName,
    limits::{
        COMPARE_SECONDS, COMPARISON_SECONDS, HORIZON_DAYS, MAX_OPEN_DAYS, MAX_ROUNDS,
        UNASKED_PER_SECOND,
    },
};

/// Things not asked for as which it counts when a day's set must be loaded again, because the peer asks
/// about more days in turn than are kept in memory. A dialler that finishes its days does not.
const LOADED_AGAIN: u64 = 16;

impl Session {
    pub(super) fn agree(
        &mut self,
        board: BoardName,
        first: u64,
        last: u64,
        bits: u8,
        source: &dyn Source,
        now: u64,
    ) -> Result<(), Fault> {
        if board != self.options.board {
            return Err(Fault::Incompatible("it is about another board"));
        }
        if self.agreed.is_some() {
            return Err(Fault::Unexpected("second open"));
        }
        let horizon = self.last.saturating_sub(HORIZON_DAYS + 1);
        let first = first.max(self.options.first).max(horizon);
        let last = last.min(self.last);
        self.agreed = Some((first, last, bits.max(self.options.min_bits)));
        self.events.push_back(Event::Ready);
        if self.role == Role::Dialler {
            self.begin(source, now);
        }
        Ok(())
    }

    /// Dialler: sends this node's digests.
    pub(super) fn begin(&mut self, source: &dyn Source, now: u64) {
        let Some((first, _, bits)) = self.agreed else { return };
        // A connection may live for days; the range goes on to tomorrow.
        let last = now / 86_400 + 1;
        self.agreed = Some((first, last, bits));
        self.compare_at = Some(now + COMPARE_SECONDS);
        let rows = digest_rows(source, &self.options.board, first, last, bits);
        self.put(&Frame::Digests(rows));
        self.comparing = true;
        self.progressed = now;
    }

    /// Listener: answers with the days that differ.
    pub(super) fn compare(
        &mut self,
        rows: &[(u32, u32, [u8; 16])],
        source: &dyn Source,
        now: u64,
    ) -> Result<(), Fault> {
        self.only(Role::Listener, "digests")?;
        if !self.comparisons.take(1, 1, COMPARISON_SECONDS, now) {
            return Err(Fault::Quota("comparisons"));
        }
        let Some((first, _, bits)) = self.agreed else { return Ok(()) };
        let last = now / 86_400 + 1;
        let ours: HashMap<u32, (u32, [u8; 16])> =
            digest_rows(source, &self.options.board, first, last, bits)
                .into_iter()
                .map(|(day, count, fingerprint)| (day, (count, fingerprint)))
                .collect();
        let theirs: HashMap<u32, (u32, [u8; 16])> =
            rows.iter().map(|(day, count, print)| (*day, (*count, *print))).collect();
        let mut days: Vec<u32> = ours
            .keys()
            .chain(theirs.keys())
            .filter(|day| (first..=last).contains(&u64::from(**day)))
            .filter(|day| ours.get(day) != theirs.get(day))
            .copied()
            .collect();
        days.sort_unstable();
        days.dedup();
        self.open = days.iter().map(|day| (u64::from(*day), OpenDay::default())).collect();
        self.sets.tidy();
        self.put(&Frame::Differ(days));
        self.comparing = true;
        self.progressed = now;
        Ok(())
    }

    /// Dialler: begins with the newest days that differ.
    pub(super) fn differ(&mut self, days: &[u32], source: &dyn Source) -> Result<(), Fault> {
        self.only(Role::Dialler, "differ")?;
        if !std::mem::take(&mut self.comparing) {
            return Err(Fault::Unexpected("differ without digests"));
        }
        let Some((first, last, _)) = self.agreed else { return Ok(()) };
        // Another clock may be a day ahead: what lies outside this side's range waits.
        let mut days: Vec<u64> = days.iter().map(|day| u64::from(*day)).collect();
        days.retain(|day| (first..=last).contains(day));
        days.sort_unstable();
        days.dedup();
        self.compared = (0, days.len());
        self.todo = days;
        self.close_days();
        self.next_days(source)
    }

    pub(super) fn next_days(&mut self, source: &dyn Source) -> Result<(), Fault> {
        let Some((_, _, bits)) = self.agreed else { return Ok(()) };
        while self.open.len() < MAX_OPEN_DAYS {
            let Some(number) = self.todo.pop() else { break };
            let day = self.sets.day(source, &self.options.board, number, bits)?;
            let data = day.ask()?;
            self.open.insert(number, OpenDay { set: Some(day), ..OpenDay::default() });
            self.put(&Frame::Reconcile { day: number, data });
        }
        let (done, total) = self.compared;
        self.events.push_back(Event::Progress { done, total });
        if self.open.is_empty() {
            self.put(&Frame::Done);
            self.events.push_back(Event::Compared);
        }
        Ok(())
    }

    pub(super) fn reconcile(
        &mut self,
        number: u64,
        data: &[u8],
        source: &dyn Source,
        now: u64,
    ) -> Result<(), Fault> {
        let Some((_, _, bits)) = self.agreed else { return Ok(()) };
        let again = |open: &OpenDay| open.rounds > 0 && open.last.is_none();
        if self.open.get(&number).is_some_and(again)
            && !self.unasked.take(LOADED_AGAIN, UNASKED_PER_SECOND, 1, now)
        {
            return Err(Fault::Quota("days to be loaded again"));
        }
        let Some(open) = self.open.get_mut(&number) else {
            return Err(Fault::Unexpected("day that does not differ"));
        };
        // Each question follows from the last answer: this one came before the peer can have that, or
        // is about more days than are compared at a time.
        let ahead = self.unsent_days.contains(&number)
            || self.role == Role::Listener && self.unsent_days.len() >= MAX_OPEN_DAYS;
        if ahead {
            return Err(Fault::Quota("messages of a comparison ahead of their answers"));
        }
        open.rounds += 1;
        if open.rounds > MAX_ROUNDS {
            return Err(Fault::Quota("rounds of reconciliation"));
        }
        match (self.role, &open.set) {
            (Role::Listener, _) => {
                // The same as for the last answer, if it is still there.
                let day = match open.last.as_ref().and_then(Weak::upgrade) {
                    Some(day) => day,
                    None => self.sets.day(source, &self.options.board, number, bits)?,
                };
                self.sets.used(&day);
                let data = day.answer(data)?;
                self.turn += 1;
                (open.last, open.used) = (Some(Arc::downgrade(&day)), self.turn);
                self.put(&Frame::Reconcile { day: number, data });
                self.unload_finished_days();
            }
            (Role::Dialler, None) => return Err(Fault::Unexpected("answer")),
            (Role::Dialler, Some(day)) => {
                let Difference { ours, theirs, next } = day.learn(data)?;
                open.ours += ours.len();
                // Each range is settled once: nobody lacks a record twice.
                if open.ours > day.len() {
                    return Err(Fault::Quota("records said to be lacking"));
                }
                self.offering.extend(ours);
                self.offered(theirs, source, now);
                match next {
                    Some(data) => self.put(&Frame::Reconcile { day: number, data }),
                    None => {
                        self.open.remove(&number);
                        self.sets.tidy();
                        self.compared.0 += 1;
                        self.next_days(source)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Listener: remembers at most as many sets as a dialler asks about at once. It answers in
    /// order, so the day that was asked about longest ago is one that the dialler has finished.
    pub(super) fn unload_finished_days(&mut self) {
        let loaded = || self.open.values().filter(|open| open.last.is_some());
        if loaded().count() > MAX_OPEN_DAYS {
            let oldest = loaded().map(|open| open.used).min();
            for open in self.open.values_mut().filter(|open| Some(open.used) == oldest) {
                open.last = None;
            }
            self.sets.tidy();
        }
    }

    /// Nothing is being compared any more.
    pub(super) fn close_days(&mut self) {
        self.open.clear();
        self.sets.tidy();
    }
}

fn digest_rows(
    source: &dyn Source,
    board: &BoardName,
    first: u64,
    last: u64,
    bits: u8,
) -> Vec<(u32, u32, [u8; 16])> {
    let digests = source.digests(board, first..=last, bits);
    digests
        .iter()
        .filter(|digest| digest.count > 0)
        .map(|digest| (digest.day as u32, digest.count as u32, digest.fingerprint()))
        .collect()
}
