//! Posts and comments.

use axum::{Json, extract::State};
use upseed_api::{CommentRequest, Item, PostRequest};
use upseed_model::{RecordError, text::Title};
use upseed_node::{NewComment, NewPost, NodeError};

use super::items::current;
use crate::{error::ApiResult, extract::InBody, named, server::Server};

pub(super) async fn post(
    State(server): State<Server>,
    InBody(request): InBody<PostRequest>,
) -> ApiResult<Item> {
    let title: Title = request.title.parse().map_err(RecordError::from).map_err(NodeError::from)?;
    let post = NewPost { board: request.board, title, text: request.text.into_bytes() };
    let item = server.node().post(post).await?;
    Ok(Json(current(server.node(), item.infohash()).await?))
}

pub(super) async fn comment(
    State(server): State<Server>,
    InBody(request): InBody<CommentRequest>,
) -> ApiResult<Item> {
    let parent = named::item(server.node(), &request.parent).await?;
    let comment = NewComment { parent: parent.infohash, text: request.text.into_bytes() };
    let item = server.node().comment(comment).await?;
    Ok(Json(current(server.node(), item.infohash()).await?))
}
