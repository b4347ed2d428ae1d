//! Errors as Python exceptions.

use pyo3::{PyErr, create_exception, exceptions::PyException};
use upseed_client::{ClientError, ClientKind};
use upseed_node::NodeError;

create_exception!(
    upseed,
    UpseedError,
    PyException,
    "What was asked for cannot be done; the message says why, and what to do about it."
);

/// Anything with a message, as an exception.
pub fn wrong(error: impl std::fmt::Display) -> PyErr {
    UpseedError::new_err(error.to_string())
}

/// An error of the node with its hint.
pub fn of_node(error: &NodeError) -> PyErr {
    match error.hint() {
        Some(hint) => wrong(format!("{error}. {hint}")),
        None => wrong(error),
    }
}

/// An error of Deluge's for the node.
pub fn of_deluge(reason: impl Into<String>) -> ClientError {
    ClientError::new(ClientKind::Deluge, reason)
}
