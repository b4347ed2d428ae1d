//! What a step of a comparison works with.

use std::collections::VecDeque;

use super::{allowance::Allowance, event::Event, options::Options, outbox::Outbox};
use crate::{
    limits::MAX_ROUNDS,
    sync::{fault::Fault, sets::Sets, source::Source},
};

pub(super) struct Context<'a> {
    pub options: &'a Options,
    pub sets: &'a Sets,
    pub source: &'a dyn Source,
    pub out: &'a mut Outbox,
    pub events: &'a mut VecDeque<Event>,
    /// What the peer may do without being asked.
    pub unasked: &'a mut Allowance,
    /// Unix seconds.
    pub now: u64,
}

/// Messages of the peer's about one day.
#[derive(Default)]
pub(super) struct Rounds(u8);

impl Rounds {
    pub const fn is_first(&self) -> bool {
        self.0 == 0
    }

    pub fn count(&mut self) -> Result<(), Fault> {
        self.0 += 1;
        if self.0 > MAX_ROUNDS { Err(Fault::Quota("rounds of reconciliation")) } else { Ok(()) }
    }
}

/// Each message follows from the last one of the other side: this one came before the peer can have
/// that, or is about more days than are compared at a time.
pub(super) const AHEAD: Fault = Fault::Quota("messages of a comparison ahead of their answers");

/// The comparison is not about this day.
pub(super) const OTHER_DAY: Fault = Fault::Unexpected("day that does not differ");
