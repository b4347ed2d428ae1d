//! What a Store can be asked for: each file is about one noun, and holds one transaction around each
//! verb.

mod adopt;
mod boards;
mod bundle;
#[cfg(feature = "check")]
mod check;
mod counts;
mod drafts;
mod exceptions;
mod expire;
mod followed;
mod hides;
mod hosting;
mod ingest;
mod items;
mod labels;
mod later;
mod moderators;
mod named;
mod packs;
mod peers;
mod pending;
mod people;
mod ranks;
mod rebuild;
mod refused;
mod removals;
mod saves;
mod search;
mod seeds;
mod sets;
mod settings;
mod starters;
mod statements;
mod stopped;
mod subscriptions;
mod successions;
mod texts;
mod thread;
mod top;
mod unvoted;
mod visits;
mod votes;

pub use bundle::WithText;
pub use counts::Counts;
pub use drafts::Draft;
pub use items::AskedRecord;
pub use named::is_same_name;
pub use pending::PendingVote;
pub use ranks::{BranchReason, Reasons};
pub use refused::Refusal;
pub use removals::RemovedRow;
pub use sets::DayDigest;
pub use stopped::Settle;
pub use successions::Succession;
pub use thread::{OutlineRow, ThreadRow};
