//! Tree rank: how much each vote counts for one reader, computed from who follows whom.
//!
//! From the reader outward each person is reached by the strongest path of follows; each person's
//! part of that tree is capped; each direct follow's branch counts by its logarithm. So an attacker
//! gains by the follows that honest people give, never by the number of keys. `docs/ranking.md` has
//! the formula, its bound and what was tried against it.
//!
//! [`Ranks`] is what a node keeps for its reader: it takes follows and mutes as they come, and
//! [`Ranks::settle`] tells whose votes now count otherwise. A [`Scorer`] turns the votes on one item
//! into its score, or into the [`Parts`] that add up to it.
//!
//! *Architecture invariant:* nothing here reads a clock, a file, a socket or a database, or starts a
//! thread. All arithmetic is on integers, so that every machine computes the same.

mod adjacency;
mod bits;
mod buckets;
mod distance;
mod fixed;
mod graph;
mod hot;
mod marks;
mod parts;
mod people;
mod ranks;
mod repair;
mod score;
mod standing;
mod start;
mod successions;
mod tree;

pub use distance::Distance;
pub use fixed::Fixed;
pub use graph::{Graph, LoadError};
pub use hot::{Hot, hot};
pub use parts::{Branch, Parts, Strangers};
pub use people::{People, Person};
pub use ranks::Ranks;
pub use score::{Item, Scorer, Weighed};
pub use standing::{Change, Standing};
pub use start::{ENOUGH_FOLLOWS, ENOUGH_UPVOTES, provisional};
pub use tree::{Bounds, Tree};
