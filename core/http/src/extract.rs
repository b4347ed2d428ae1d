//! What handlers take out of a request; refusals are JSON like all others.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::error::HttpError;

/// The query of the address.
pub(crate) struct InQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = HttpError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query = query.map_err(|e| HttpError::new(StatusCode::BAD_REQUEST, e.body_text()))?;
        Ok(Self(query.0))
    }
}

/// A part of the address.
pub(crate) struct InPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for InPath<T> {
    type Rejection = HttpError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        let path = path.map_err(|e| HttpError::new(e.status(), e.body_text()))?;
        Ok(Self(path.0))
    }
}

/// A body of bytes.
pub(crate) struct InBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for InBytes {
    type Rejection = HttpError;
    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let body = Bytes::from_request(request, state).await;
        Ok(Self(body.map_err(|e| HttpError::new(e.status(), e.body_text()))?))
    }
}

/// A JSON body.
pub(crate) struct InBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for InBody<T> {
    type Rejection = HttpError;
    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let body = Json::<T>::from_request(request, state).await;
        let body = body.map_err(|e| HttpError::new(e.status(), e.body_text()))?;
        Ok(Self(body.0))
    }
}
