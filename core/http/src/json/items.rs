//! One item, by itself or with what people answered.

use std::time::Duration;

use axum::{Json, extract::State};
use upseed_api::{Item, ItemQuery, Thread, Why};
use upseed_model::Infohash;
use upseed_node::{ItemRow, Node, NodeError};
use upseed_view::Strings;

use crate::{
    error::ApiResult, extract::InQuery, moderation, named, server::Server,
    view::context::ViewContext, wire,
};

/// Longest that a request may wait for a text or for hosting, in seconds.
const MAX_WAIT: u64 = 600;

/// Comments of one thread.
const MAX_COMMENTS: u32 = 10_000;

/// Bytes of texts in one thread, besides those of its first item.
const MAX_TEXTS: u64 = 8 << 20;

/// The time that a caller gives.
pub(super) fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(MAX_WAIT))
}

/// An item as it stands now.
pub(super) async fn current(node: &Node, id: Infohash) -> Result<Item, NodeError> {
    let row = node.find(&id.into(), Duration::ZERO).await?;
    with_labels(node, row).await
}

async fn with_labels(node: &Node, row: ItemRow) -> Result<Item, NodeError> {
    let id = row.item.infohash();
    let items = node.blocking(move |node| moderation::items(node, vec![row])).await?;
    items.into_iter().next().ok_or(NodeError::UnknownItem(id))
}

pub(super) async fn item(
    State(server): State<Server>,
    InQuery(query): InQuery<ItemQuery>,
) -> ApiResult<Item> {
    let reference = named::item(server.node(), &query.id).await?;
    let row = server.node().read(&reference, patience(query.wait)).await?;
    server.node().shown(row.item.infohash());
    Ok(Json(with_labels(server.node(), row).await?))
}

pub(super) async fn thread(
    State(server): State<Server>,
    InQuery(query): InQuery<ItemQuery>,
) -> ApiResult<Thread> {
    let reference = named::item(server.node(), &query.id).await?;
    let (node, patience) = (server.node(), patience(query.wait));
    let top = node.find(&reference, patience).await?;
    if top.text.is_none() && !top.dead && query.wait > 0 {
        // The thread is shown with or without its first text.
        let _ = node.read(&reference, patience).await;
    }
    let (id, work) = (top.item.infohash(), top.item.work());
    let thread = node.blocking(move |node| {
        let rows = node.thread(&work, MAX_COMMENTS, MAX_TEXTS)?;
        if let Some(thread) = moderation::thread(node, rows)? {
            return Ok(thread);
        }
        // It has gone meanwhile, or it is here and stands nowhere.
        node.header(&id)?.ok_or(NodeError::UnknownItem(id))?;
        Err(NodeError::Unplaced("the thread that it belongs to is not known here"))
    });
    Ok(Json(thread.await?))
}

pub(super) async fn why(
    State(server): State<Server>,
    InQuery(query): InQuery<ItemQuery>,
) -> ApiResult<Why> {
    let reference = named::item(server.node(), &query.id).await?;
    let row = server.node().find(&reference, patience(query.wait)).await?;
    let why = server.node().blocking(move |node| {
        let reasons = node.reasons(&row.item.work())?;
        let reasons = reasons.ok_or(NodeError::Loading)?;
        let mut context = ViewContext::open(node)?;
        let view = context.why_of(&reasons)?;
        let words = upseed_view::why::sentences(Strings::english(), &view);
        Ok(wire::why(&row, &reasons, &view, words))
    });
    Ok(Json(why.await?))
}
