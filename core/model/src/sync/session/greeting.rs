//! The first phase: both sides say hello, and what they want to reconcile.

use super::{
    options::{Options, Role},
    range::Range,
};
use crate::{
    BoardName,
    limits::{HELLO_SECONDS, HORIZON_DAYS, MAX_FRAME},
    sync::{fault::Fault, frame::Frame},
};

/// The version of the conversation that this code speaks.
const VERSION: u64 = 1;

pub(super) struct Greeting {
    pub role: Role,
    /// When it began.
    pub since: u64,
    /// The last day that this side asked for: tomorrow.
    last: u64,
    hello_came: bool,
}

impl Greeting {
    pub const fn new(role: Role, now: u64) -> Self {
        Self { role, since: now, last: now / 86_400 + 1, hello_came: false }
    }

    /// What this side says.
    pub const fn frames(&self, options: &Options) -> [Frame; 2] {
        let Options { board, first, min_bits } = *options;
        // Seconds would tell one machine from another wherever it shows up.
        let time = self.since - self.since % 60;
        [
            Frame::Hello { min: VERSION, max: VERSION, frame: MAX_FRAME as u64, time },
            Frame::Open { board, first, last: self.last, bits: min_bits },
        ]
    }

    pub const fn hello_came(&self) -> bool {
        self.hello_came
    }

    /// The peer says hello: the versions it speaks, and the largest frame that it takes.
    pub fn hello(&mut self, min: u64, max: u64, frame: u64) -> Result<(), Fault> {
        if std::mem::replace(&mut self.hello_came, true) {
            return Err(Fault::Unexpected("second hello"));
        }
        if !(min..=max).contains(&VERSION) {
            return Err(Fault::Incompatible("it speaks another version of up_sync"));
        }
        if frame < MAX_FRAME as u64 {
            return Err(Fault::Incompatible("it takes smaller frames than version 1 has"));
        }
        Ok(())
    }

    /// What both want; the peer from its first to its last day, with at least so many bits.
    pub fn agree(&self, options: &Options, (first, last, bits): (u64, u64, u8)) -> Range {
        let horizon = self.last.saturating_sub(HORIZON_DAYS + 1);
        Range {
            first: first.max(options.first).max(horizon),
            last: last.min(self.last),
            bits: bits.max(options.min_bits),
        }
    }

    pub fn tick(&self, now: u64) -> Result<(), Fault> {
        if now > self.since + HELLO_SECONDS {
            return Err(Fault::Silent("no hello within a minute"));
        }
        Ok(())
    }
}

/// A conversation is about one board.
pub(super) fn check_board(ours: BoardName, theirs: BoardName) -> Result<(), Fault> {
    if ours == theirs { Ok(()) } else { Err(Fault::Incompatible("it is about another board")) }
}
