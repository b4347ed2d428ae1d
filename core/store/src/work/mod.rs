//! One transaction's work: functions over a connection, and [`batch::Batch`], which writes what many
//! records change together once, at the end. Nothing here knows of the Store.

pub(crate) mod batch;
pub(crate) mod boards;
pub(crate) mod budget;
pub(crate) mod check;
pub(crate) mod days;
pub(crate) mod expire;
pub(crate) mod floors;
pub(crate) mod hosting;
pub(crate) mod ingest;
pub(crate) mod items;
pub(crate) mod levels;
pub(crate) mod me;
pub(crate) mod names;
pub(crate) mod oracle;
pub(crate) mod pending;
pub(crate) mod placement;
pub(crate) mod rebuild;
pub(crate) mod rows;
pub(crate) mod scores;
pub(crate) mod search;
pub(crate) mod seeds;
pub(crate) mod sets;
pub(crate) mod statements;
pub(crate) mod tally;
pub(crate) mod texts;
pub(crate) mod top;
pub(crate) mod votes;
