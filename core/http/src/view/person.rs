//! The page of a person, and what the reader thinks of them.

use axum::{
    Form,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse as _,
};
use serde::Deserialize;
use upseed_model::PublicKey;
use upseed_node::NodeError;
use upseed_view::{
    FeedOf, Flash, Links, Wrote,
    people::{self, PersonPage},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    reader::Reader,
    refusal::{Refusal, refused},
    response::{PageResult, html},
};

/// Items on one page.
const LIST: u32 = 30;

#[derive(Deserialize, Default)]
pub(super) struct PersonQuery {
    show: Option<String>,
    after: Option<u64>,
}

pub(super) async fn person(
    reader: Reader,
    Path(key): Path<String>,
    Query(query): Query<PersonQuery>,
) -> PageResult {
    let page = reader.load().await?;
    let Some(key) = Links::parse_person(&key) else {
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "this is nobody's key");
        return Err(refusal.into_response());
    };
    let wrote = match query.show.as_deref() {
        Some("comments") => Wrote::Comments,
        _ => Wrote::Posts,
    };
    let before = query.after.unwrap_or(u64::MAX);
    let content = page.node().blocking(move |node| {
        let mut context = ViewContext::open(node)?;
        // Whoever asks for an old key sees the person as they are now.
        let person = context.person(key)?;
        let key = person.key;
        let mut earlier = Vec::new();
        for old in node.earlier_keys(&key)? {
            earlier.extend(node.succession(&old)?.map(|said| (old, said.since)));
        }
        // Both kinds are in one list; a page looks through a bounded part of it.
        let rows = node.written_by(&key, before, 8 * LIST)?;
        let looked = rows.len();
        let last = rows.last().map(|row| row.item.time());
        let mut rows: Vec<_> = rows
            .into_iter()
            .filter(|row| (row.item.title().is_some()) == (wrote == Wrote::Posts))
            .collect();
        let full = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let more = match rows.last() {
            Some(row) if full => Some(row.item.time().to_string()),
            _ if looked == 8 * LIST as usize => last.map(|time| time.to_string()),
            _ => None,
        };
        let profile = node.profile_of(&key)?;
        let mut followed_by = Vec::new();
        for friend in node.follows()? {
            if node.follows_of(&friend)?.contains(&key) {
                followed_by.push(context.person(friend)?);
            }
        }
        Ok(PersonPage {
            person,
            about: profile.about,
            boards: profile.boards,
            earlier,
            followed_by,
            labels_used: node.subscriptions()?.iter().any(|row| row.labeller == key),
            has_labels: !node.label_values(&key)?.is_empty(),
            wrote,
            items: context.items(rows)?,
            more,
        })
    });
    let content = content.await.map_err(refused)?;
    let feed = page.server().sessions().feed();
    let feed = feed.map(|token| page.links().feed(&FeedOf::Person(key), &token));
    Ok(html(people::page(&page.site(None, feed), &content)))
}

#[derive(Deserialize)]
pub(super) struct PersonForm {
    #[serde(flatten)]
    token: Token,
    key: PublicKey,
    #[serde(rename = "do")]
    action: String,
}

pub(super) async fn change(reader: Reader, Form(form): Form<PersonForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let (key, action) = (form.key, form.action);
    let flash = reader.node().blocking(move |node| {
        Ok(match action.as_str() {
            "follow" => node.follow(key, true).map(|_| Flash::Followed)?,
            "unfollow" => node.follow(key, false).map(|_| Flash::Unfollowed)?,
            "mute" => node.mute(&key, true).map(|()| Flash::Muted)?,
            "unmute" => node.mute(&key, false).map(|()| Flash::Unmuted)?,
            other => return Err(NodeError::Input(format!("{other:?} is nothing to do"))),
        })
    });
    let flash = flash.await.map_err(refused)?;
    Ok(back_to(reader.links(), &form.token.back, Some(flash)))
}
