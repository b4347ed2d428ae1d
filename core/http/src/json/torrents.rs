//! Items as files.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use upseed_api::Item;

use super::items::current;
use crate::{
    error::{ApiResult, HttpError},
    extract::{InBytes, InPath},
    named,
    server::Server,
};

pub(super) async fn import(
    State(server): State<Server>,
    InBytes(body): InBytes,
) -> ApiResult<Item> {
    let item = server.node().import(body.to_vec()).await?;
    Ok(Json(current(server.node(), item.infohash()).await?))
}

pub(super) async fn export(
    State(server): State<Server>,
    InPath(id): InPath<String>,
) -> Result<impl IntoResponse, HttpError> {
    let id = named::item(server.node(), &id).await?.infohash;
    let torrent = server.node().export(id).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-bittorrent")], torrent))
}
