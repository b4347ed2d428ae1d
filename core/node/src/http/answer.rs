//! Errors as JSON, and extractors whose refusals are such errors too.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Kind, NodeError};

/// An error as the API tells it.
#[derive(Debug, Serialize)]
pub(crate) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Whether the caller can mend it.
    kind: &'static str,
}

/// What a route gives.
pub(crate) type Answer<T> = Result<Json<T>, ApiError>;

impl ApiError {
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let kind = if status.is_server_error() { "fault" } else { "user" };
        Self { status, error: error.into(), hint: None, kind }
    }

    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this address")
    }
}

impl ApiError {
    /// The HTTP status of an error.
    pub fn status_of(error: &NodeError) -> StatusCode {
        match error {
            NodeError::UnknownItem(_) | NodeError::NoText(_) | NodeError::NotJoined(_) => {
                StatusCode::NOT_FOUND
            }
            NodeError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            other if other.kind() == Kind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<NodeError> for ApiError {
    fn from(error: NodeError) -> Self {
        let status = Self::status_of(&error);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, "a request failed");
        }
        Self { hint: error.hint(), ..Self::new(status, error.to_string()) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// The query of the address.
pub(crate) struct InQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query = query.map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, e.body_text()))?;
        Ok(Self(query.0))
    }
}

/// A part of the address.
pub(crate) struct InPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        let path = path.map_err(|e| ApiError::new(e.status(), e.body_text()))?;
        Ok(Self(path.0))
    }
}

/// A body of bytes.
pub(crate) struct InBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for InBytes {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Bytes::from_request(request, state).await;
        Ok(Self(body.map_err(|e| ApiError::new(e.status(), e.body_text()))?))
    }
}

/// A JSON body.
pub(crate) struct InBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for InBody<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Json::<T>::from_request(request, state).await;
        let body = body.map_err(|e| ApiError::new(e.status(), e.body_text()))?;
        Ok(Self(body.0))
    }
}
