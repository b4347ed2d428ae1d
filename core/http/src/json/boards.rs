//! The boards that the user joined.

use axum::{Json, extract::State};
use upseed_api::{BoardStatus, JoinRequest};
use upseed_model::BoardName;

use crate::{
    error::ApiResult,
    extract::{InBody, InPath},
    server::Server,
};

pub(super) async fn boards(State(server): State<Server>) -> ApiResult<Vec<BoardStatus>> {
    Ok(Json(server.status().await?.boards))
}

pub(super) async fn join(
    State(server): State<Server>,
    InBody(request): InBody<JoinRequest>,
) -> ApiResult<Vec<BoardStatus>> {
    let JoinRequest { board, trackers } = request;
    server.node().blocking(move |node| node.join(board, &trackers)).await?;
    boards(State(server)).await
}

pub(super) async fn leave(
    State(server): State<Server>,
    InPath(board): InPath<BoardName>,
) -> ApiResult<Vec<BoardStatus>> {
    server.node().blocking(move |node| node.leave(board)).await?;
    boards(State(server)).await
}
