//! Labels, subscriptions to them, what the user hides, and retractions.

use std::time::Duration;

use axum::{Json, extract::State};
use upseed_api::{
    Exception, ExceptionRequest, HideRequest, Item, KeepRequest, Label, LabelRequest, LogEntry,
    LogQuery, Moderator, ModeratorsQuery, Preview, RetractRequest, RetractionDefault,
    SubscribeRequest, Subscription, UndoRequest, UnsubscribeRequest,
};
use upseed_model::WorkId;
use upseed_node::{Node, NodeError};

use super::items::current;
use crate::{
    error::{ApiResult, HttpError},
    extract::{InBody, InQuery},
    moderation, named,
    server::Server,
};

/// Entries of one list at most.
const MAX_LIST: u32 = 1_000;

/// An item that is known here.
async fn work(node: &Node, id: &str) -> Result<WorkId, NodeError> {
    Ok(node.find(&named::item(node, id).await?, Duration::ZERO).await?.item.work())
}

pub(super) async fn labels(State(server): State<Server>) -> ApiResult<Vec<Label>> {
    let labels = server.node().blocking(|node| {
        let Some(me) = node.identity().public() else { return Ok(Vec::new()) };
        let labels = node.labels_of(&me)?;
        labels.into_iter().map(|label| moderation::label(node, label)).collect()
    });
    Ok(Json(labels.await?))
}

pub(super) async fn label(
    State(server): State<Server>,
    InBody(request): InBody<LabelRequest>,
) -> ApiResult<Label> {
    let LabelRequest { target: text, value, reason, remove } = request;
    let target = named::target(server.node(), &text).await?;
    let said = server.node().blocking(move |node| {
        match remove {
            true => node.unlabel(target, &value)?,
            false => node.label(target, &value, &reason)?,
        }
        let target = moderation::target(node, target)?;
        Ok(Label { target, value: value.to_string(), reason })
    });
    Ok(Json(said.await?))
}

pub(super) async fn moderators(
    State(server): State<Server>,
    InQuery(ModeratorsQuery { board }): InQuery<ModeratorsQuery>,
) -> ApiResult<Vec<Moderator>> {
    let found = server.node().blocking(move |node| node.moderators(&board)).await?;
    Ok(Json(found.into_iter().map(moderation::moderator).collect()))
}

pub(super) async fn subscriptions(State(server): State<Server>) -> ApiResult<Vec<Subscription>> {
    let all = server.node().blocking(|node| node.subscriptions()).await?;
    Ok(Json(all.into_iter().map(moderation::subscription).collect()))
}

pub(super) async fn subscribe(
    State(server): State<Server>,
    InBody(request): InBody<SubscribeRequest>,
) -> ApiResult<Vec<Subscription>> {
    let SubscribeRequest { labeller, actions } = request;
    let labeller = named::person(server.node(), &labeller).await?;
    server.node().blocking(move |node| node.subscribe(&labeller, &actions)).await?;
    subscriptions(State(server)).await
}

pub(super) async fn preview(
    State(server): State<Server>,
    InBody(request): InBody<SubscribeRequest>,
) -> ApiResult<Preview> {
    let SubscribeRequest { labeller, actions } = request;
    let labeller = named::person(server.node(), &labeller).await?;
    let told = server.node().blocking(move |node| node.preview(&labeller, &actions)).await?;
    Ok(Json(moderation::preview(told)))
}

pub(super) async fn unsubscribe(
    State(server): State<Server>,
    InBody(request): InBody<UnsubscribeRequest>,
) -> ApiResult<Vec<Subscription>> {
    let labeller = named::person(server.node(), &request.labeller).await?;
    let ended = server.node().blocking(move |node| node.unsubscribe(&labeller)).await?;
    if !ended {
        let error = NodeError::Input(format!("you do not subscribe to the labels of {labeller}"));
        return Err(HttpError::from(error).hint("See `upseed labels list`."));
    }
    subscriptions(State(server)).await
}

pub(super) async fn log(
    State(server): State<Server>,
    InQuery(query): InQuery<LogQuery>,
) -> ApiResult<Vec<LogEntry>> {
    let limit = query.limit.unwrap_or(100).min(MAX_LIST);
    let labeller = named::person(server.node(), &query.labeller).await?;
    let entries = server.node().blocking(move |node| {
        let entries = node.label_log(&labeller, query.before.unwrap_or(u64::MAX), limit)?;
        entries.into_iter().map(|entry| moderation::log_entry(node, entry)).collect()
    });
    Ok(Json(entries.await?))
}

pub(super) async fn undo(
    State(server): State<Server>,
    InBody(request): InBody<UndoRequest>,
) -> ApiResult<Vec<Exception>> {
    let entry = request.entry;
    if !server.node().blocking(move |node| node.undo_label(entry)).await? {
        let error = NodeError::Input(format!("no entry {entry}: its label or its item has gone"));
        return Err(HttpError::from(error).hint("See `upseed labels log KEY`."));
    }
    exceptions(State(server)).await
}

pub(super) async fn exceptions(State(server): State<Server>) -> ApiResult<Vec<Exception>> {
    let all = server.node().blocking(|node| {
        let all = node.exceptions()?.into_iter();
        all.map(|one| Ok(Exception { target: moderation::target(node, one.target)?, at: one.at }))
            .collect()
    });
    Ok(Json(all.await?))
}

pub(super) async fn except(
    State(server): State<Server>,
    InBody(request): InBody<ExceptionRequest>,
) -> ApiResult<Vec<Exception>> {
    let target = named::target(server.node(), &request.target).await?;
    server.node().blocking(move |node| node.set_exception(&target, request.shown)).await?;
    exceptions(State(server)).await
}

pub(super) async fn hidden(State(server): State<Server>) -> ApiResult<Vec<Item>> {
    let rows = server.node().blocking(|node| {
        let rows = node.hidden_items(MAX_LIST)?;
        moderation::items(node, rows)
    });
    Ok(Json(rows.await?))
}

pub(super) async fn hide(
    State(server): State<Server>,
    InBody(request): InBody<HideRequest>,
) -> ApiResult<Vec<Item>> {
    let work = work(server.node(), &request.id).await?;
    server.node().blocking(move |node| node.hide(&work, request.hide)).await?;
    hidden(State(server)).await
}

pub(super) async fn retract(
    State(server): State<Server>,
    InBody(request): InBody<RetractRequest>,
) -> ApiResult<Item> {
    let reference = named::item(server.node(), &request.id).await?;
    let row = server.node().find(&reference, Duration::ZERO).await?;
    let (id, work) = (row.item.infohash(), row.item.work());
    server.node().blocking(move |node| node.retract(&work)).await?;
    Ok(Json(current(server.node(), id).await?))
}

pub(super) async fn retracted(State(server): State<Server>) -> ApiResult<Vec<Item>> {
    let rows = server.node().blocking(|node| {
        let rows = node.retracted_undecided()?;
        moderation::items(node, rows)
    });
    Ok(Json(rows.await?))
}

pub(super) async fn keep(
    State(server): State<Server>,
    InBody(request): InBody<KeepRequest>,
) -> ApiResult<Item> {
    let reference = named::item(server.node(), &request.id).await?;
    let row = server.node().find(&reference, Duration::ZERO).await?;
    let (id, work) = (row.item.infohash(), row.item.work());
    server.node().blocking(move |node| node.keep_retracted(&work, request.keep)).await?;
    Ok(Json(current(server.node(), id).await?))
}

pub(super) async fn retraction_default(
    State(server): State<Server>,
) -> ApiResult<RetractionDefault> {
    let keep = server.node().blocking(|node| node.keeps_retracted()).await?;
    Ok(Json(RetractionDefault { keep }))
}

pub(super) async fn set_retraction_default(
    State(server): State<Server>,
    InBody(RetractionDefault { keep }): InBody<RetractionDefault>,
) -> ApiResult<RetractionDefault> {
    server.node().blocking(move |node| node.set_keeps_retracted(keep)).await?;
    Ok(Json(RetractionDefault { keep }))
}
