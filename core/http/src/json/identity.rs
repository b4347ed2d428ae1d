//! The user's key.

use axum::{Json, extract::State};
use upseed_api::{Identity, RestoreRequest};

use crate::{error::ApiResult, extract::InBody, server::Server};

pub(super) async fn identity(State(server): State<Server>) -> ApiResult<Identity> {
    Ok(Json(server.node().identity().public().into()))
}

pub(super) async fn restore(
    State(server): State<Server>,
    InBody(request): InBody<RestoreRequest>,
) -> ApiResult<Identity> {
    let restored =
        server.node().blocking(move |node| node.restore(&request.phrase, request.replace));
    Ok(Json(Some(restored.await?).into()))
}
