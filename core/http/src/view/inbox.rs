//! Replies to the reader.

use axum::Form;
use upseed_node::{NodeError, ViewSetting, now};
use upseed_view::{
    FeedOf,
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
        let replies = node.inbox()?.into_iter().map(|row| {
            let unread = row.first_seen > read;
            let mut item = context.item(row)?;
            item.unread = unread;
            Ok(item)
        });
        replies.collect::<Result<Vec<_>, NodeError>>()
    });
    let replies = found.await.map_err(refused)?;
    let feed = page.server().sessions().feed();
    let feed = feed.map(|token| page.links().feed(&FeedOf::Inbox, &token));
    Ok(html(inbox::page(&page.site(None, feed), &InboxPage { replies, more: None })))
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
