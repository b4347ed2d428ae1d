//! Replies to the reader.

use axum::{Form, Json, response::IntoResponse as _};
use serde_json::json;
use upseed_node::{ViewSetting, now};
use upseed_view::{
    FeedOf, ItemView,
    inbox::{self, InboxPage},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    reader::{Reader, inbox_read},
    refusal::refused,
    response::{PageResult, html},
};

pub(super) async fn inbox(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    let found = page.node().blocking(|node| {
        let read = inbox_read(node)?;
        let mut context = ViewContext::open(node)?;
        let rows = node.inbox()?;
        let unread: Vec<bool> = rows.iter().map(|row| row.first_seen > read).collect();
        let replies = context.items(rows)?.into_iter().zip(unread);
        Ok(InboxPage {
            replies: replies.map(|(item, unread)| ItemView { unread, ..item }).collect(),
            retracted: context.items(node.retracted_undecided()?)?,
            more: None,
        })
    });
    let content = found.await.map_err(refused)?;
    let feed = page.server().sessions().feed();
    let feed = feed.map(|token| page.links().feed(&FeedOf::Inbox, &token));
    Ok(html(inbox::page(&page.site(None, feed), &content)))
}

/// How many replies are new, for the page around the view.
pub(super) async fn unread(reader: Reader) -> PageResult {
    let unread = reader.node().blocking(super::reader::unread).await.map_err(refused)?;
    Ok(Json(json!({ "unread": unread })).into_response())
}

/// All of it was read.
pub(super) async fn read(reader: Reader, Form(form): Form<Token>) -> PageResult {
    check(&reader, &form.page_token, false)?;
    let read = reader.node().blocking(|node| {
        node.view_settings().set(ViewSetting::InboxRead, Some(&now().to_string()))
    });
    read.await.map_err(refused)?;
    Ok(back_to(reader.links(), &form.back, None))
}
