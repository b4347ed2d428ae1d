//! Errors as the API tells them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use upseed_api::{ApiError, Blame};
use upseed_node::{Kind, NodeError};

/// An error, and the status that it is answered with.
#[derive(Debug)]
pub(crate) struct HttpError {
    status: StatusCode,
    body: ApiError,
}

/// What a route of the API gives.
pub(crate) type ApiResult<T> = Result<Json<T>, HttpError>;

impl HttpError {
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let kind = if status.is_server_error() { Blame::Fault } else { Blame::User };
        Self { status, body: ApiError { error: error.into(), hint: None, kind } }
    }

    pub fn hint(mut self, hint: &str) -> Self {
        self.body.hint = Some(hint.into());
        self
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this address")
    }

    /// The HTTP status of an error.
    pub fn status_of(error: &NodeError) -> StatusCode {
        match error {
            NodeError::UnknownItem(_)
            | NodeError::Unnamed(_)
            | NodeError::NoText(_)
            | NodeError::NotJoined(_) => StatusCode::NOT_FOUND,
            NodeError::Stopping | NodeError::Loading => StatusCode::SERVICE_UNAVAILABLE,
            other if other.kind() == Kind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<NodeError> for HttpError {
    fn from(error: NodeError) -> Self {
        let status = Self::status_of(&error);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, "a request failed");
        }
        let mut told = Self::new(status, error.to_string());
        told.body.hint = error.hint();
        told
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
