//! Whom the user follows, and whom they do not want to read.

use axum::{Json, extract::State};
use upseed_api::{FollowRequest, MuteRequest};
use upseed_model::PublicKey;

use crate::{error::ApiResult, extract::InBody, server::Server};

pub(super) async fn follows(State(server): State<Server>) -> ApiResult<Vec<PublicKey>> {
    Ok(Json(server.node().blocking(|node| node.follows()).await?))
}

pub(super) async fn follow(
    State(server): State<Server>,
    InBody(request): InBody<FollowRequest>,
) -> ApiResult<Vec<PublicKey>> {
    let FollowRequest { key, follow } = request;
    Ok(Json(server.node().blocking(move |node| node.follow(key, follow)).await?))
}

pub(super) async fn mutes(State(server): State<Server>) -> ApiResult<Vec<PublicKey>> {
    Ok(Json(server.node().blocking(|node| node.mutes()).await?))
}

pub(super) async fn mute(
    State(server): State<Server>,
    InBody(request): InBody<MuteRequest>,
) -> ApiResult<Vec<PublicKey>> {
    server.node().blocking(move |node| node.mute(&request.key, request.mute)).await?;
    mutes(State(server)).await
}
