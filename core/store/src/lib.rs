//! What a node keeps, in one SQLite file.
//!
//! Three kinds of tables:
//! - *records*: items and statements, byte for byte as they were signed;
//! - *derived*: votes, ranks, sets and sums. They change in the same transaction as the records
//!   they come from, [`Store::rebuild_derived`] makes them anew, and `Store::check` (feature `check`) compares them
//!   with a dumb oracle;
//! - *local*: what this node alone knows: when it first saw an item, hosting tasks, settings, texts.
//!
//! *Architecture invariants:* nothing here reads a clock or the environment; times are arguments, in
//! unix seconds. Only verified records get in, because the types prove it; what comes out again is
//! parsed but its signature is not looked at again. Every write that returned survives a power cut.
//!
//! The tables, and what is done within one transaction, are `upseed-tables`. Here are the connections and `verbs`:
//! what a [`Store`] can be asked for, one transaction around each.
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
//!     known: None,
//! };
//! let rows = store.top(&query)?;
//! assert_eq!(rows[0].text.as_deref(), Some("Sow peas in March."));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "check")]
mod check;
mod connection;
mod uses;
mod verbs;

pub use connection::Store;
pub use upseed_tables::{
    hosting,
    values::{
        board::BoardRow,
        budget::Class,
        day::DAY,
        error::StoreError,
        keep::Keep,
        moderation::{
            Exception, HiddenItem, LogEntry, Preview, PreviewCounts, SubscriptionRow, Verdict,
        },
        moderator::Moderator,
        outcome::{Expired, Outcome},
        pack::{PackHappened, PackState},
    },
    work::{
        hosting::{Stepped, TaskRow},
        packs::{Loose, NewPack, PackItem, PackRow},
        place::Place,
        rows::ItemRow,
        top::TopQuery,
    },
};
pub use verbs::{
    AskedRecord, BranchReason, Counts, DayDigest, Draft, OutlineRow, PendingVote, Reasons, Refusal,
    RemovedRow, Settle, Succession, TaskCounts, ThreadRow, WithText, is_same_name,
};
