//! The wire types of the JSON API: one struct for each request and each answer, with names and
//! forms that stay. The node's HTTP server writes what the command reads, and the other way round.
//!
//! ```
//! let request: upseed_api::PostRequest =
//!     serde_json::from_str(r#"{ "board": "garden", "title": "Basil", "text": "It died." }"#)?;
//! assert_eq!(request.board.as_str(), "garden");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! *Architecture invariant:* this crate knows the formats of [`upseed_model`] and nothing of a node.
//! Fields that an answer gains later must not stop older readers, so unknown ones are passed over.

mod board;
mod bundle;
mod error;
mod event;
mod identity;
mod inspect;
mod item;
mod link;
mod list;
mod moderation;
mod pack;
mod person;
mod removal;
mod share;
mod starter;
mod status;
mod thread;
mod vote;
mod why;
mod write;

pub use board::{BoardPosts, BoardPostsQuery, JoinRequest};
pub use bundle::{BundleQuery, Imported, NEXT_PART};
pub use error::{ApiError, Blame};
pub use event::{Event, FetchFailure};
pub use identity::{Identity, RestoreRequest, SucceedRequest, Succession, SuccessionQuery};
pub use inspect::{ItemHeader, MagnetLink};
pub use item::{Item, ItemKind};
pub use link::{FeedToken, OneTimeLink};
pub use list::{EventsQuery, ItemQuery, SearchQuery, TopQuery};
pub use moderation::{
    Exception, ExceptionRequest, HideRequest, ItemLabel, KeepRequest, Label, LabelRequest,
    LabelTarget, LogEntry, LogQuery, Moderator, ModeratorsQuery, Preview, PreviewCounts,
    RetractRequest, RetractionDefault, SubscribeRequest, Subscription, UndoRequest,
    UnsubscribeRequest,
};
pub use pack::Pack;
pub use person::{
    FollowRequest, MuteRequest, PeopleRequest, Person, Profile, ProfileQuery, ProfileRequest,
    Relation,
};
pub use removal::{Asked, RemovalAction, RemovalRequest, Removals, Undoable};
pub use share::{Share, ShareQuery};
pub use starter::{
    FollowStarterRequest, StarterList, StarterRequest, StartersQuery, WithdrawStarterRequest,
};
pub use status::{BoardStatus, ClockError, Status};
pub use thread::Thread;
pub use vote::{VoteOutcome, VoteRequest};
pub use why::{PlaceInTop, Through, Why};
pub use write::{CommentRequest, PostRequest};
