//! Writing.

use serde::{Deserialize, Serialize};
use upseed_model::BoardName;

/// `POST /posts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRequest {
    /// Where.
    pub board: BoardName,
    /// Its title, checked by the node.
    pub title: String,
    /// Its text, checked by the node.
    pub text: String,
}

/// `POST /comments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRequest {
    /// What it answers: an id, the beginning of one, or a magnet link.
    pub parent: String,
    /// Its text, checked by the node.
    pub text: String,
}
