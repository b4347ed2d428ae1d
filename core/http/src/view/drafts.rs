//! What the reader is writing, kept until it is published: by the script a moment after each word, and without it by every
//! preview.

use axum::{Form, Json, extract::Query, response::IntoResponse as _};
use serde::Deserialize;
use serde_json::json;
use upseed_model::{
    Infohash,
    limits::{MAX_BOARD, MAX_TEXT, MAX_TITLE},
};
use upseed_node::{Draft, NodeError};

use super::{
    form::{Token, check, failed},
    reader::Reader,
    response::PageResult,
};

/// Where a draft will stand: below an item, in place of one, or on a board.
pub(super) fn target(replaces: Option<Infohash>, parent: Option<Infohash>) -> String {
    match (replaces, parent) {
        (Some(id), _) => format!("edit/{id}"),
        (None, Some(id)) => format!("reply/{id}"),
        (None, None) => "write".into(),
    }
}

/// What was written there so far, in place of what would stand there.
pub(super) fn begun(node: &upseed_node::Node, target: &str) -> Result<Option<Draft>, NodeError> {
    node.view_settings().draft(target)
}

#[derive(Deserialize)]
pub(super) struct DraftForm {
    #[serde(flatten)]
    token: Token,
    parent: Option<Infohash>,
    replaces: Option<Infohash>,
    #[serde(default)]
    board: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
}

/// Keeps a draft; an empty one is none.
pub(super) async fn keep(reader: Reader, Form(form): Form<DraftForm>) -> PageResult {
    check(&reader, &form.token.page_token, true)?;
    let target = target(form.replaces, form.parent);
    let draft =
        Draft { board: form.board, title: form.title, text: form.text.replace("\r\n", "\n") };
    let kept = reader.node().blocking(move |node| keep_at(node, &target, draft));
    kept.await.map_err(|error| failed(error, true))?;
    Ok(Json(json!({})).into_response())
}

/// Keeps what may still become a text; twice its size, so that it can be shortened.
pub(super) fn keep_at(
    node: &upseed_node::Node,
    target: &str,
    draft: Draft,
) -> Result<(), NodeError> {
    let Draft { board, title, text } = &draft;
    if board.len() > 2 * MAX_BOARD || title.len() > 2 * MAX_TITLE || text.len() > 2 * MAX_TEXT {
        return Err(NodeError::Input("the draft is too long to be kept".into()));
    }
    let is_empty = title.trim().is_empty() && text.trim().is_empty();
    node.view_settings().set_draft(target, (!is_empty).then_some(&draft))
}

#[derive(Deserialize)]
pub(super) struct DraftQuery {
    parent: Infohash,
}

/// What was begun as an answer to an item: the page's one form moves from comment to comment.
pub(super) async fn draft(reader: Reader, Query(query): Query<DraftQuery>) -> PageResult {
    let target = target(None, Some(query.parent));
    let found = reader.node().blocking(move |node| begun(node, &target));
    let text = found.await.map_err(|error| failed(error, true))?.unwrap_or_default().text;
    Ok(Json(json!({ "text": text })).into_response())
}
