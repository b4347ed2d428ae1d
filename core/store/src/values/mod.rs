//! What rows hold and calls give: plain values, without a connection.

pub(crate) mod board;
pub(crate) mod day;
pub(crate) mod error;
pub(crate) mod keep;
pub(crate) mod me;
pub(crate) mod member;
pub(crate) mod moderation;
pub(crate) mod moderator;
pub(crate) mod number;
pub(crate) mod outcome;
pub(crate) mod sorted;
pub(crate) mod sum;
pub(crate) mod words;
