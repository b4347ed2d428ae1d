//! What to send to others so that they find an item.

use std::time::Duration;

use axum::{Json, extract::State};
use upseed_api::{Share, ShareQuery};
use upseed_node::{NodeError, Reference};

use crate::{error::ApiResult, extract::InQuery, server::Server, view::share::shared};

pub(super) async fn share(
    State(server): State<Server>,
    InQuery(query): InQuery<ShareQuery>,
) -> ApiResult<Share> {
    let reference: Reference = query.id.parse().map_err(NodeError::from)?;
    let row = server.node().find(&reference, Duration::ZERO).await?;
    let (id, address) = (row.item.infohash(), query.address);
    Ok(Json(server.node().blocking(move |node| shared(node, id, address)).await?))
}
