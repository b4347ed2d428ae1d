//! The node itself: how it stands, the ways into its view, its end.

use axum::{Json, extract::State, http::StatusCode};
use upseed_api::{FeedToken, OneTimeLink, Status};

use crate::{error::ApiResult, server::Server};

pub(super) async fn status(State(server): State<Server>) -> ApiResult<Status> {
    Ok(Json(server.status().await?))
}

pub(super) async fn link(State(server): State<Server>) -> ApiResult<OneTimeLink> {
    Ok(Json(OneTimeLink { link: server.one_time_link()? }))
}

/// The feeds' read-only token; made if there is none.
pub(super) async fn feed(State(server): State<Server>) -> ApiResult<FeedToken> {
    let of = server.clone();
    let token = server.node().blocking(move |_| of.sessions().feed_or_new()).await?;
    Ok(Json(FeedToken { token: token.to_string() }))
}

pub(super) async fn stop(State(server): State<Server>) -> StatusCode {
    tokio::spawn(async move { server.stop().await });
    StatusCode::NO_CONTENT
}
