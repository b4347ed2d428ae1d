//! The pages of people: others, and the reader's own.

use axum::{
    Form,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use upseed_client::ClientKind;
use upseed_model::{HostingState, HostingTask};
use upseed_store::TaskRow;
use upseed_view::{
    FeedOf, Links, Wrote,
    me::{self, MePage, Place, Settings},
    people::{self, PersonPage},
};

use super::{
    forms::{Token, not_in_frame},
    pages::{Page, forged, refused},
    reader::{Loaded, Reader, Refused, html},
    values::Eyes,
};
use crate::NodeError;

/// Items on one page.
const LIST: u32 = 30;

pub(super) const BACKED_UP: &str = "backed-up";

#[derive(Deserialize, Default)]
pub(super) struct PersonParams {
    show: Option<String>,
    after: Option<u64>,
}

pub(super) async fn person(
    reader: Reader,
    Path(key): Path<String>,
    Query(params): Query<PersonParams>,
) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let Some(key) = Links::parse_person(&key) else {
        let refused = Refused::new(page.node(), StatusCode::NOT_FOUND, "this is nobody's key");
        return Err(refused.into_response());
    };
    let wrote = match params.show.as_deref() {
        Some("comments") => Wrote::Comments,
        _ => Wrote::Posts,
    };
    let before = params.after.unwrap_or(u64::MAX);
    let content = page.node().blocking(move |node| {
        let mut eyes = Eyes::open(node)?;
        // Both kinds are in one list; a page looks through a bounded part of it.
        let rows = node.inner.store.by_author(&key, before, 8 * LIST)?;
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
                followed_by.push(eyes.person(friend)?);
            }
        }
        Ok(PersonPage {
            person: eyes.person(key)?,
            about: profile.about,
            boards: profile.boards,
            followed_by,
            labels_used: None,
            wrote,
            items: eyes.items(rows)?,
            more,
        })
    });
    let content = content.await.map_err(|error| refused(page.node(), &error))?;
    let feed = page.node().inner.sessions.feed();
    let feed = feed.map(|token| page.links().feed(&FeedOf::Person(key), &token));
    Ok(html(people::page(&page.site(None, feed), &content)))
}

pub(super) async fn me(reader: Reader) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    Ok(me_page(&page, None).await)
}

/// The reader's own page, perhaps with why something was refused.
pub(super) async fn me_page(page: &Loaded, error: Option<String>) -> Response {
    let (theme, announced, warnings) = match page.node().status().await {
        Ok(status) => (page.theme(), status.announced, status.client_warnings),
        Err(error) => return refused(page.node(), &error),
    };
    let content = page.node().blocking(move |node| {
        let store = &node.inner.store;
        let mut eyes = Eyes::open(node)?;
        let key = match node.inner.identity.public() {
            Some(key) => {
                let profile = node.profile_of(&key)?;
                let backed_up = store.setting(BACKED_UP)?.is_some();
                Some(me::Profile { key, name: profile.name, about: profile.about, backed_up })
            }
            None => None,
        };
        let tasks = store.hosting_tasks(&[])?;
        let count = |which: &dyn Fn(&HostingTask) -> bool| {
            tasks.iter().filter(|row| which(&row.task)).count() as u32
        };
        let hosted = count(&|task| task.state == HostingState::Hosting);
        let in_node = |task: &HostingTask| task.client == Some(ClientKind::Embedded);
        let external = node.inner.external.is_some();
        let own = count(&|task| task.state == HostingState::Hosting && in_node(task));
        let missing = count(&|task| task.state == HostingState::Missing);
        let counts = store.counts()?;
        let mut upvoted = Vec::new();
        let lasting = tasks.iter().filter(|row| row.task.state != HostingState::Leaving);
        for TaskRow { work, task, .. } in lasting.take(100) {
            if let Some(row) = store.item_by_work(work)? {
                let place = match task.state {
                    HostingState::Hosting if in_node(task) => Place::Node,
                    HostingState::Missing => Place::Missing,
                    HostingState::Hosting => Place::Client,
                    _ => Place::Waiting,
                };
                upvoted.push((eyes.item(row)?, place));
            }
        }
        Ok(MePage {
            key,
            hosting: me::Hosting {
                items: hosted,
                bytes: counts.texts_bytes - counts.cache_bytes.min(counts.texts_bytes),
                in_client: external.then_some(hosted - own),
                in_node: own,
                waiting: tasks.len() as u32 - hosted - missing,
                warnings,
                announced: (announced.0 as u32, announced.1 as u32),
            },
            upvoted,
            missing,
            settings: Settings {
                theme,
                history_days: store.boards()?.iter().map(|b| b.days).max().unwrap_or(30) as u32,
                client_budget: external.then(|| node.client_budget()).transpose()?,
                additions_are_votes: external.then(|| node.additions_are_votes()).transpose()?,
                announce_me: None,
            },
            feed_token: node.inner.sessions.feed().map(|token| token.to_string()),
            origin: format!("http://{}", node.address()),
            error,
        })
    });
    match content.await {
        Ok(content) => html(me::page(&page.site(None, None), &content)),
        Err(error) => refused(page.node(), &error),
    }
}

/// The 24 words: shown on purpose, by a form, in an answer that nothing keeps.
pub(super) async fn backup(reader: Reader, Form(token): Form<Token>) -> Page {
    if !reader.is_ours(&token.page_token) {
        return Err(forged(&reader.node));
    }
    not_in_frame(&reader)?;
    let page = reader.at("me").load().await.map_err(Refused::into_response)?;
    let phrase = page.node().blocking(|node| {
        let key = node.inner.identity.get();
        let key = key.ok_or_else(|| NodeError::Input("there is no key yet".into()))?;
        node.inner.store.set_setting(BACKED_UP, Some("1"))?;
        Ok(key.phrase())
    });
    let phrase = phrase.await.map_err(|error| refused(page.node(), &error))?;
    Ok(html(me::backup(&page.site(None, None), &phrase)))
}
