//! Statements: signed records that are not torrents. The newest of each slot replaces the older.

mod content;
mod draft;
mod fields;
mod kind;
mod signed;

pub use content::{Label, LabelTarget, Slot, Statement};
pub use draft::StatementDraft;
pub use kind::StatementKind;
pub use signed::{SignedStatement, SlotKey};
