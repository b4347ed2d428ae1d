//! The reader's own page: what they say about themselves, what they host, and their settings.

use axum::{Form, response::Response};
use serde::Deserialize;
use upseed_model::Infohash;
use upseed_node::{HostedBy, NodeError, ViewSetting, now};
use upseed_view::{
    Flash, Theme,
    me::{self, MePage, Place, Settings},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    reader::{Loaded, Reader},
    refusal::refused,
    response::{PageResult, html},
    starter_rows,
};

/// Hosted items that are named.
const NAMED: usize = 100;

pub(super) async fn me(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    shown(&page, None).await
}

/// The page, perhaps with why something was refused.
async fn shown(page: &Loaded, error: Option<String>) -> Result<Response, Response> {
    let (announced, warnings) = (page.status().announced, page.status().client_warnings.clone());
    let (theme, is_compact, server) = (page.theme(), page.is_compact(), page.server().clone());
    let origin = page.origin().to_owned();
    let content = page.node().blocking(move |node| {
        let mut context = ViewContext::open(node)?;
        let key = match node.identity().public() {
            Some(key) => {
                let profile = node.profile_of(&key)?;
                let backed_up = node.view_settings().has(ViewSetting::BackedUp)?;
                Some(me::Profile { key, name: profile.name, about: profile.about, backed_up })
            }
            None => None,
        };
        let hosted = node.hosted(NAMED)?;
        let mut upvoted = Vec::new();
        for (row, by) in hosted.newest {
            let place = match by {
                HostedBy::Client => Place::Client,
                HostedBy::Engine => Place::Node,
                HostedBy::Lost => Place::Missing,
                HostedBy::Nobody => Place::Waiting,
                HostedBy::Stopped => Place::Stopped,
            };
            upvoted.push((context.item(row)?, place));
        }
        let has_client = node.has_client();
        let mut removed = Vec::new();
        for (row, until) in node.removals()?.undoable.into_iter().take(NAMED) {
            let minutes = until.saturating_sub(now()).div_ceil(60) as u32;
            removed.push((context.item(row)?, minutes));
        }
        Ok(MePage {
            key,
            hosting: me::Hosting {
                items: hosted.items,
                bytes: hosted.bytes,
                in_client: has_client.then_some(hosted.items - hosted.in_engine),
                in_node: hosted.in_engine,
                waiting: hosted.waiting,
                warnings,
                announced: (announced.0 as u32, announced.1 as u32),
            },
            upvoted,
            missing: hosted.lost,
            removed,
            starters: starter_rows::mine(node, &mut context)?,
            settings: Settings {
                theme,
                is_compact,
                history_days: node.history_days()? as u32,
                client_budget: has_client.then(|| node.client_budget()).transpose()?,
                additions_are_votes: has_client.then(|| node.additions_are_votes()).transpose()?,
                announce_me: None,
            },
            feed_token: server.sessions().feed().map(|token| token.to_string()),
            origin,
            error,
        })
    });
    let content = content.await.map_err(refused)?;
    Ok(html(me::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(flatten)]
    token: Token,
    #[serde(default)]
    name: String,
    #[serde(default)]
    about: String,
}

pub(super) async fn profile(reader: Reader, Form(form): Form<ProfileForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let about = form.about.replace("\r\n", " ").replace('\n', " ");
    let saved =
        reader.node().set_profile(form.name.trim().to_owned(), about.trim().to_owned()).await;
    match saved {
        Ok(()) => Ok(back_to(reader.links(), &form.token.back, Some(Flash::Saved))),
        Err(error) => again(reader, &error).await,
    }
}

/// The page once more, with why something was refused.
pub(super) async fn again(reader: Reader, error: &NodeError) -> PageResult {
    let page = reader.at("me").load().await?;
    shown(&page, Some(error.to_string())).await
}

#[derive(Deserialize)]
pub(super) struct SettingsForm {
    #[serde(flatten)]
    token: Token,
    theme: Option<String>,
    density: Option<String>,
    history_days: Option<String>,
    client_budget: Option<String>,
    additions_are_votes: Option<String>,
}

pub(super) async fn settings(reader: Reader, Form(form): Form<SettingsForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let (theme, days) = (form.theme, form.history_days);
    let saved = reader.node().blocking(move |node| {
        if let Some(theme) = theme {
            node.view_settings().set(ViewSetting::Theme, Some(Theme::named(&theme).as_str()))?;
        }
        if let Some(density) = form.density {
            let compact = (density == "compact").then_some("1");
            node.view_settings().set(ViewSetting::Compact, compact)?;
        }
        if let Some(days) = days {
            let days: u64 = days.parse().unwrap_or_default();
            node.set_history_days(days)?;
        }
        if let Some(budget) = form.client_budget {
            let wrong = || NodeError::Input(format!("{budget:?} is not a number of items"));
            node.set_client_budget(budget.trim().parse().map_err(|_| wrong())?)?;
            // A box that is not ticked is not sent; it stands beside the budget.
            node.set_additions_are_votes(form.additions_are_votes.is_some())?;
        }
        Ok(())
    });
    match saved.await {
        Ok(()) => Ok(back_to(reader.links(), &form.token.back, Some(Flash::Saved))),
        Err(error) => again(reader, &error).await,
    }
}

#[derive(Deserialize)]
pub(super) struct MissingForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
    /// Nothing for all that the reader is asked about.
    id: Option<Infohash>,
}

/// What the client has lost, and what was removed there.
pub(super) async fn missing(reader: Reader, Form(form): Form<MissingForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let id = form.id;
    let works = reader.node().blocking(move |node| {
        let known = id.map(|id| node.header(&id)?.ok_or(NodeError::UnknownItem(id)));
        Ok(known.transpose()?.map(|item| item.work()).into_iter().collect())
    });
    let works = works.await.map_err(refused)?;
    let done = match form.action.as_str() {
        "host" => reader.node().put_back(works).await,
        "withdraw" => reader.node().let_go(works).await,
        other => Err(NodeError::Input(format!("{other:?} is nothing to do"))),
    };
    done.map_err(refused)?;
    Ok(back_to(reader.links(), "me", Some(Flash::Saved)))
}

#[derive(Deserialize)]
pub(super) struct FeedForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
}

pub(super) async fn feed(reader: Reader, Form(form): Form<FeedForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let on = form.action == "create";
    let server = reader.server().clone();
    let set = reader.node().blocking(move |_| server.sessions().set_feed(on));
    set.await.map_err(refused)?;
    Ok(back_to(reader.links(), &form.token.back, (!on).then_some(Flash::Revoked)))
}
