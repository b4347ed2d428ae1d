//! What a node keeps, in one SQLite file.
//!
//! Three kinds of tables:
//! - *records*: items and statements, byte for byte as they were signed;
//! - *derived*: votes, ranks, sets and sums. They change in the same transaction as the records
//!   they come from, [`Store::rebuild_derived`] makes them anew, and [`Store::check`] compares them
//!   with a dumb oracle;
//! - *local*: what this node alone knows: when it first saw an item, wishes, settings, texts.
//!
//! *Architecture invariants:* nothing here reads a clock or the environment; times are arguments, in
//! unix seconds. Only verified records get in, because the types prove it; what comes out again is
//! parsed but its signature is not looked at again. Every write that returned survives a power cut.
//!
//! All calls block (on the disk, and writers on each other); asynchronous callers run them on a
//! thread for blocking work.
//! # A post, kept and listed
//! ```
//! use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, rank::{Sort, Window}};
//! use upseed_store::{Outcome, Store, TopQuery};
//!
//! let (key, now) = (SecretKey::from_seed(&[7; 32]), 1_800_000_000);
//! let draft = ItemDraft {
//!     author: key.public(),
//!     board: "gardening".parse::<BoardName>()?,
//!     kind: Kind::Post { title: "Seeds".parse()? },
//!     time: now,
//!     text: b"Sow peas in March.",
//! };
//! let item = SignedItem::from_bytes(&draft.puzzle(0)?.solve(&key))?;
//!
//! let store = Store::open_in_memory()?;
//! assert_eq!(store.publish(&item, draft.text, now)?, Outcome::New);
//!
//! let query = TopQuery {
//!     boards: Vec::new(),
//!     window: Window::Day,
//!     sort: Sort::Top,
//!     limit: 25,
//!     now,
//!     hidden: false,
//!     texts: true,
//! };
//! let rows = store.top(&query)?;
//! assert_eq!(rows[0].text.as_deref(), Some("Sow peas in March."));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adopt;
mod batch;
#[cfg(feature = "bench")]
pub mod bench;
mod boards;
mod check;
mod connection;
mod error;
mod expire;
mod floors;
mod guests;
mod ingest;
mod items;
mod later;
mod levels;
mod names;
mod oracle;
mod peers;
mod pending;
mod people;
mod placement;
mod rebuild;
mod refused;
mod schema;
mod scores;
mod search;
mod seeds;
mod sets;
mod settings;
mod statements;
mod tally;
mod texts;
mod thread;
mod top;
mod votes;
mod wishes;

pub use boards::BoardRow;
pub use connection::Store;
pub use error::StoreError;
pub use expire::Expired;
pub use ingest::Outcome;
pub use items::{AskedRecord, ItemRow};
pub use pending::PendingVote;
pub use refused::Refusal;
pub use sets::DayDigest;
pub use tally::Counts;
pub use texts::Keep;
pub use thread::ThreadRow;
pub use top::TopQuery;
pub use wishes::{Hosting, Wish};

/// Seconds of a day; sets are kept by UTC day.
pub const DAY: u64 = 86_400;

/// Unix seconds as SQLite holds them. A clock beyond 2^63 s is clamped.
fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The way back; a negative number in a row can only be damage, and counts as 0.
fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
