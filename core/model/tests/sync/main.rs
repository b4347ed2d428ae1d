//! Two sessions joined by queues, against the plain union of their sets; and what no honest one says.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

mod days;
mod faults;
mod frames;
mod giving;
mod joining;
mod large;
mod sides;

const NOW: u64 = 1_800_000_000;
