//! Why a client did not do what it was asked.

use upseed_model::ClientKind;

/// A client refused, failed or could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{client}: {reason}")]
pub struct ClientError {
    /// Which client.
    pub client: ClientKind,
    /// What it said, or what went wrong on the way to it; for people.
    pub reason: String,
}

impl ClientError {
    /// An error of this client.
    pub fn new(client: ClientKind, reason: impl Into<String>) -> Self {
        Self { client, reason: reason.into() }
    }
}
