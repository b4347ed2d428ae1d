//! The user's key.

use axum::{Json, extract::State};
use upseed_api::{Identity, RestoreRequest, SucceedRequest, Succession, SuccessionQuery};
use upseed_node::HandOver;

use crate::{
    error::ApiResult,
    extract::{InBody, InQuery},
    named,
    server::Server,
};

pub(super) async fn identity(State(server): State<Server>) -> ApiResult<Identity> {
    Ok(Json(server.node().identity().public().into()))
}

pub(super) async fn succeed(
    State(server): State<Server>,
    InBody(request): InBody<SucceedRequest>,
) -> ApiResult<Identity> {
    let how = if request.revoke { HandOver::Revoke } else { HandOver::Succeed };
    let key = server.node().blocking(move |node| node.hand_over(how)).await?;
    Ok(Json(Some(key).into()))
}

pub(super) async fn succession(
    State(server): State<Server>,
    InQuery(query): InQuery<SuccessionQuery>,
) -> ApiResult<Succession> {
    let found = server.node().blocking(move |node| {
        let key = named::person_of(node, &query.key)?;
        let said = node.succession(&key)?;
        Ok(Succession {
            current: said.map_or(Some(key), |said| said.current),
            since: said.map(|said| said.since),
            earlier: node.earlier_keys(&key)?,
        })
    });
    Ok(Json(found.await?))
}

pub(super) async fn restore(
    State(server): State<Server>,
    InBody(request): InBody<RestoreRequest>,
) -> ApiResult<Identity> {
    let restored =
        server.node().blocking(move |node| node.restore(&request.phrase, request.replace));
    Ok(Json(Some(restored.await?).into()))
}
