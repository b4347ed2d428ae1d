//! What rows hold and calls give: plain values, without a connection.

pub mod board;
pub mod budget;
pub mod day;
pub mod error;
pub mod keep;
pub mod me;
pub mod member;
pub mod moderation;
pub mod moderator;
pub mod number;
pub mod outcome;
pub mod pack;
pub mod sorted;
pub mod sum;
pub mod words;
