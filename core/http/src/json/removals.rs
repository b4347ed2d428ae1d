//! What was removed in the user's client.

use std::time::Duration;

use axum::{Json, extract::State};
use upseed_api::{Asked, RemovalAction, RemovalRequest, Removals, Undoable};
use upseed_node::Reference;

use crate::{error::ApiResult, extract::InBody, moderation, server::Server, wire};

pub(super) async fn removals(State(server): State<Server>) -> ApiResult<Removals> {
    let found = server.node().blocking(|node| {
        let upseed_node::Removals { asked, packs, undoable } = node.removals()?;
        let (asked, whys): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let (undoable, untils): (Vec<_>, Vec<_>) = undoable.into_iter().unzip();
        let (asked, undoable) =
            (moderation::items(node, asked)?, moderation::items(node, undoable)?);
        let asked = asked.into_iter().zip(whys).map(|(item, why)| Asked { item, why });
        let undoable =
            undoable.into_iter().zip(untils).map(|(item, until)| Undoable { item, until });
        let packs = packs.iter().map(wire::pack).collect();
        Ok(Removals { asked: asked.collect(), packs, undoable: undoable.collect() })
    });
    Ok(Json(found.await?))
}

pub(super) async fn decide(
    State(server): State<Server>,
    InBody(request): InBody<RemovalRequest>,
) -> ApiResult<Removals> {
    let node = server.node();
    let mut works = Vec::with_capacity(request.ids.len());
    for id in &request.ids {
        let reference: Reference = id.parse().map_err(upseed_node::NodeError::from)?;
        works.push(node.find(&reference, Duration::ZERO).await?.item.work());
    }
    match request.action {
        RemovalAction::PutBack => node.put_back(works).await?,
        RemovalAction::LetGo => node.let_go(works).await?,
    }
    removals(State(server)).await
}
