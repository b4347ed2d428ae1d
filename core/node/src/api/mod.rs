//! The JSON API below `/upseed/api/v1/`, with server-sent events.

mod events;
mod json;
mod routes;

pub use json::{ItemJson, ReplyJson};
pub(crate) use routes::router;
