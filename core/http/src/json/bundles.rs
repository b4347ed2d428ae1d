//! Bundles: a board's records and texts, by the part.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use upseed_api::{BundleQuery, Imported, NEXT_PART};
use upseed_model::BoardName;
use upseed_node::BundleAt;

use crate::{
    error::{ApiResult, HttpError},
    extract::{InBytes, InPath, InQuery},
    server::Server,
};

/// Bytes of a chunk: 1 MiB, and what packing adds to what cannot be made smaller.
pub(super) const MAX_BODY: usize = (1 << 20) + 8_192;

pub(super) async fn part(
    State(server): State<Server>,
    InPath(board): InPath<BoardName>,
    InQuery(query): InQuery<BundleQuery>,
) -> Result<Response, HttpError> {
    let BundleQuery { since, day, skip } = query;
    let from = day.map(|day| BundleAt { day, skip });
    let work = move |node: &upseed_node::Node| node.bundle(board, since, from);
    let (bytes, next) = server.node().blocking(work).await?;
    let kind = HeaderValue::from_static("application/octet-stream");
    let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    let next = next.and_then(|at| HeaderValue::try_from(format!("{} {}", at.day, at.skip)).ok());
    if let Some(next) = next {
        response.headers_mut().insert(NEXT_PART, next);
    }
    Ok(response)
}

pub(super) async fn import(
    State(server): State<Server>,
    InBytes(chunk): InBytes,
) -> ApiResult<Imported> {
    let done = server.node().blocking(move |node| node.import_chunk(&chunk)).await?;
    let upseed_node::Imported { new, known, refused, early, invalid, texts } = done;
    Ok(Json(Imported { new, known, refused, early, invalid, texts }))
}
