//! What the pages' forms do. Each carries the page's token, and comes back to where it was sent
//! from; the script asks for JSON instead.

use axum::{
    Form, Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use serde_json::json;
use upseed_model::{BoardName, Infohash, PublicKey, RecordError, text::Title};
use upseed_view::{
    Links, Said, Strings, Theme,
    composer::{self, Composer, To},
    welcome,
};
use zeroize::Zeroizing;

use super::{
    pages::{Page, boards_page, forged, refused},
    people::me_page,
    reader::{INBOX_READ, Loaded, Reader, Refused, THEME, VOTE_AGREED, html},
    values::one,
};
use crate::{
    NewComment, NewPost, Node, NodeError, clock::now, http::answer::ApiError, publish::Job,
};

/// What every form carries.
#[derive(Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    pub page_token: String,
    #[serde(default)]
    pub back: String,
}

fn back_to(links: &Links, back: &str, said: Option<Said>) -> Response {
    let mut address = links.back(back);
    if let Some(said) = said {
        let fragment = address.split_once('#').map(|(_, f)| format!("#{f}")).unwrap_or_default();
        address.truncate(address.len() - fragment.len());
        let mark = if address.contains('?') { '&' } else { '?' };
        address = format!("{address}{mark}said={}{fragment}", said.as_str());
    }
    Redirect::to(&address).into_response()
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

fn failed(node: &Node, error: NodeError, json: bool) -> Response {
    if json { ApiError::from(error).into_response() } else { refused(node, &error) }
}

// The refusal is the page itself, which is made once and sent.
#[allow(clippy::result_large_err)]
fn check(reader: &Reader, token: &str, json: bool) -> Result<(), Response> {
    if reader.is_ours(token) {
        return Ok(());
    }
    if json {
        let error = ApiError::new(StatusCode::FORBIDDEN, "this form is not of this node");
        return Err(error.hint("Load the page again and repeat it.").into_response());
    }
    Err(forged(&reader.node))
}

/// The key is neither shown nor replaced in a client's page.
#[allow(clippy::result_large_err)]
pub(super) fn not_in_frame(reader: &Reader) -> Result<(), Response> {
    if !reader.in_frame() {
        return Ok(());
    }
    let message = "the key is not shown or replaced inside a client's page";
    Err(Refused::new(&reader.node, StatusCode::FORBIDDEN, message)
        .hint("Open the view itself, with `upseed open`, or use `upseed identity`.")
        .into_response())
}

#[derive(Deserialize)]
pub(super) struct Vote {
    #[serde(flatten)]
    token: Token,
    up: Option<Infohash>,
    down: Option<Infohash>,
    understood: Option<u8>,
}

pub(super) async fn vote(reader: Reader, headers: HeaderMap, Form(form): Form<Vote>) -> Page {
    let json = wants_json(&headers);
    check(&reader, &form.token.page_token, json)?;
    let node = reader.node.clone();
    let (id, up) = match (form.up, form.down) {
        (Some(id), None) => (id, true),
        (None, Some(id)) => (id, false),
        _ => {
            let error = NodeError::Input("say either up or down".into());
            return Err(failed(&node, error, json));
        }
    };
    let understood = form.understood.is_some();
    let ready = node.blocking(move |node| {
        let store = &node.inner.store;
        if understood {
            store.set_setting(VOTE_AGREED, Some("1"))?;
        }
        let item = store.item(&id)?.ok_or(NodeError::UnknownItem(id))?;
        Ok((item.item.work(), store.setting(VOTE_AGREED)?.is_some()))
    });
    let (work, agreed) = ready.await.map_err(|error| failed(&node, error, json))?;
    if up && !agreed {
        // Said once, before the first upvote.
        let page = reader.at(&form.token.back).load().await.map_err(Refused::into_response)?;
        let item = node.blocking(move |node| one(node, id)?.ok_or(NodeError::UnknownItem(id)));
        let item = item.await.map_err(|error| failed(&node, error, json))?;
        return Ok(html(welcome::first_vote(&page.site(None, None), &item)));
    }
    node.vote(work, up).await.map_err(|error| failed(&node, error, json))?;
    if json {
        let item = node.blocking(move |node| one(node, id)?.ok_or(NodeError::UnknownItem(id)));
        let item = item.await.map_err(|error| failed(&node, error, json))?;
        return Ok(Json(item.update(Strings::english())).into_response());
    }
    let fragment = format!("{}#i{id}", form.token.back.split('#').next().unwrap_or_default());
    Ok(back_to(reader.links(), &fragment, None))
}

#[derive(Deserialize)]
pub(super) struct Publish {
    #[serde(flatten)]
    token: Token,
    #[serde(default)]
    job: String,
    #[serde(default, rename = "do")]
    action: String,
    parent: Option<Infohash>,
    #[serde(default)]
    board: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    name: String,
}

pub(super) async fn publish(reader: Reader, headers: HeaderMap, Form(form): Form<Publish>) -> Page {
    let json = wants_json(&headers);
    check(&reader, &form.token.page_token, json)?;
    let node = reader.node.clone();
    let links = reader.links().clone();
    // Browsers send line ends as CR LF.
    let text = form.text.replace("\r\n", "\n");
    let result =
        if form.action == "preview" { Ok(None) } else { written(&node, &form, &text).await };
    let error = match result {
        Ok(Some(item)) => {
            let root = item.root().map_or(item.infohash(), |root| root.infohash);
            let here = format!("t/{root}");
            let fragment = match item.root() {
                Some(_) => format!("#i{}", item.infohash()),
                None => String::new(),
            };
            if json {
                let page = format!("{}{fragment}", links.item(&root));
                return Ok(Json(json!({ "id": item.infohash(), "page": page })).into_response());
            }
            return Ok(back_to(&links, &(here + &fragment), Some(Said::Published)));
        }
        Ok(None) => None,
        Err(error) if json => return Err(failed(&node, error, true)),
        Err(error) => Some(error.to_string()),
    };
    let composer = Composer {
        to: form.parent.map_or(To::Board(form.board), To::Reply),
        title: form.title,
        text,
        name: form.name,
        preview: form.action == "preview",
        error,
    };
    let here = match form.parent {
        Some(id) => format!("reply/{id}"),
        None => "write".into(),
    };
    let page = reader.at(&here).load().await.map_err(Refused::into_response)?;
    let answered = match form.parent {
        Some(id) => node.blocking(move |node| one(node, id)).await.unwrap_or_default(),
        None => None,
    };
    Ok(html(composer::page(&page.site(None, None), &composer, answered.as_ref())))
}

async fn written(
    node: &Node,
    form: &Publish,
    text: &str,
) -> Result<Option<upseed_model::SignedItem>, NodeError> {
    let text = text.as_bytes().to_vec();
    let name = form.name.trim().to_owned();
    let item = match form.parent {
        Some(parent) => {
            node.comment_with(NewComment { parent, text }, Job::named(&form.job)).await?
        }
        None => {
            let board: BoardName = form.board.parse().map_err(RecordError::from)?;
            let title: Title = form.title.trim_matches(' ').parse().map_err(RecordError::from)?;
            node.post_with(NewPost { board, title, text }, Job::named(&form.job)).await?
        }
    };
    if !name.is_empty() {
        node.set_profile(name, String::new()).await?;
    }
    Ok(Some(item))
}

#[derive(Deserialize)]
pub(super) struct PersonForm {
    #[serde(flatten)]
    token: Token,
    key: PublicKey,
    #[serde(rename = "do")]
    action: String,
}

pub(super) async fn person(reader: Reader, Form(form): Form<PersonForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    let (key, action) = (form.key, form.action);
    let said = reader.node.blocking(move |node| {
        let store = &node.inner.store;
        Ok(match action.as_str() {
            "follow" => node.follow(key, true).map(|_| Said::Followed)?,
            "unfollow" => node.follow(key, false).map(|_| Said::Unfollowed)?,
            "mute" => store.mute(&key, now()).map(|()| Said::Muted)?,
            "unmute" => store.unmute(&key).map(|()| Said::Unmuted)?,
            other => return Err(NodeError::Input(format!("{other:?} is nothing to do"))),
        })
    });
    let said = said.await.map_err(|error| refused(&reader.node, &error))?;
    Ok(back_to(reader.links(), &form.token.back, Some(said)))
}

#[derive(Deserialize)]
pub(super) struct BoardForm {
    #[serde(flatten)]
    token: Token,
    join: Option<String>,
    leave: Option<BoardName>,
}

pub(super) async fn board(reader: Reader, Form(form): Form<BoardForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    if let Some(board) = form.leave {
        let left = reader.node.blocking(move |node| node.leave(board));
        left.await.map_err(|error| refused(&reader.node, &error))?;
        return Ok(back_to(reader.links(), &form.token.back, Some(Said::Left)));
    }
    let typed = form.join.unwrap_or_default();
    match typed.trim().parse::<BoardName>() {
        Ok(board) => {
            let joined = reader.node.blocking(move |node| node.join(board, &[]));
            joined.await.map_err(|error| refused(&reader.node, &error))?;
            Ok(back_to(reader.links(), &form.token.back, Some(Said::Joined)))
        }
        Err(error) => {
            let page = reader.at("boards").load().await.map_err(Refused::into_response)?;
            Ok(boards_page(&page, typed, Some(error.to_string())).await)
        }
    }
}

pub(super) async fn inbox(reader: Reader, Form(form): Form<Token>) -> Page {
    check(&reader, &form.page_token, false)?;
    let read = reader
        .node
        .blocking(|node| Ok(node.inner.store.set_setting(INBOX_READ, Some(&now().to_string()))?));
    read.await.map_err(|error| refused(&reader.node, &error))?;
    Ok(back_to(reader.links(), &form.back, None))
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

pub(super) async fn profile(reader: Reader, Form(form): Form<ProfileForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    let about = form.about.replace("\r\n", " ").replace('\n', " ");
    let saved = reader.node.set_profile(form.name.trim().to_owned(), about.trim().to_owned()).await;
    match saved {
        Ok(()) => Ok(back_to(reader.links(), &form.token.back, Some(Said::Saved))),
        Err(error) => again(reader, &error).await,
    }
}

async fn again(reader: Reader, error: &NodeError) -> Page {
    let page: Loaded = reader.at("me").load().await.map_err(Refused::into_response)?;
    Ok(me_page(&page, Some(error.to_string())).await)
}

#[derive(Deserialize)]
pub(super) struct SettingsForm {
    #[serde(flatten)]
    token: Token,
    theme: Option<String>,
    history_days: Option<String>,
    client_budget: Option<String>,
    additions_are_votes: Option<String>,
}

pub(super) async fn settings(reader: Reader, Form(form): Form<SettingsForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    let (theme, days) = (form.theme, form.history_days);
    let saved = reader.node.blocking(move |node| {
        if let Some(theme) = theme {
            node.inner.store.set_setting(THEME, Some(Theme::named(&theme).as_str()))?;
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
        Ok(()) => Ok(back_to(reader.links(), &form.token.back, Some(Said::Saved))),
        Err(error) => again(reader, &error).await,
    }
}

#[derive(Deserialize)]
pub(super) struct MissingForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
}

/// What the client has lost.
pub(super) async fn missing(reader: Reader, Form(form): Form<MissingForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    let done = match form.action.as_str() {
        "host" => reader.node.missing(true).await,
        "withdraw" => reader.node.missing(false).await,
        other => Err(NodeError::Input(format!("{other:?} is nothing to do"))),
    };
    done.map_err(|error| refused(&reader.node, &error))?;
    Ok(back_to(reader.links(), "me", Some(Said::Saved)))
}

#[derive(Deserialize)]
pub(super) struct RestoreForm {
    #[serde(flatten)]
    token: Token,
    phrase: Zeroizing<String>,
}

pub(super) async fn restore(reader: Reader, Form(form): Form<RestoreForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    not_in_frame(&reader)?;
    let phrase = form.phrase;
    match reader.node.blocking(move |node| node.restore(&phrase, false)).await {
        Ok(_) => Ok(back_to(reader.links(), "me", Some(Said::Saved))),
        Err(error) => again(reader, &error).await,
    }
}

#[derive(Deserialize)]
pub(super) struct FeedForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
}

pub(super) async fn feed(reader: Reader, Form(form): Form<FeedForm>) -> Page {
    check(&reader, &form.token.page_token, false)?;
    let on = form.action == "create";
    let set = reader.node.blocking(move |node| node.inner.sessions.set_feed(&node.inner.store, on));
    set.await.map_err(|error| refused(&reader.node, &error))?;
    Ok(back_to(reader.links(), &form.token.back, (!on).then_some(Said::Revoked)))
}
