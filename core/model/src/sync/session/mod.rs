//! One connection's conversation about one board.
//!
//! [`Session`] sends each frame and each call to the part that it is about. A conversation begins
//! with a greeting; then one side asks and the other answers, one comparison after the other
//! (`greeting.rs`, `asking.rs`, `answering.rs`). Beside that, at any time, records and texts are asked for
//! (`asked.rs`), told of (`news.rs`) and given (`serving.rs`).

mod allowance;
mod answering;
mod asked;
mod asking;
mod context;
mod conversation;
mod event;
mod give;
mod greeting;
mod news;
mod options;
mod outbox;
mod range;
mod serving;

pub use self::{
    conversation::Session,
    event::Event,
    options::{Options, Role},
};
