//! Writing posts and replies.

use axum::{
    Form, Json,
    extract::{Path, Query},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;
use upseed_model::{BoardName, Infohash, RecordError, SignedItem, text::Title};
use upseed_node::{Draft, Job, NewComment, NewPost, Node, NodeError, ViewSetting};
use upseed_view::{
    Flash, Links,
    composer::{self, Composer, To},
};

use super::{
    context::{one, required},
    drafts::{begun, keep_at, target},
    form::{Token, back_to, check, failed, wants_json},
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

#[derive(Deserialize, Default)]
pub(super) struct WriteQuery {
    board: Option<String>,
}

pub(super) async fn write(reader: Reader, Query(query): Query<WriteQuery>) -> PageResult {
    let page = reader.load().await?;
    let only = match page.joined() {
        [only] => Some(only.to_string()),
        _ => None,
    };
    let begun = page.node().blocking(|node| begun(node, "write"));
    let draft = begun.await.map_err(refused)?.unwrap_or_default();
    let typed = Some(draft.board).filter(|board| !board.is_empty());
    let board = query.board.or(typed).or(only).unwrap_or_default();
    let (title, text) = (draft.title, draft.text);
    let composer = Composer { title, text, ..Composer::new(To::Board(board)) };
    Ok(html(composer::page(&page.site(None, None), &composer, None)))
}

pub(super) async fn reply(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let found = page.node().blocking(move |node| {
        Ok((required(node, id)?, begun(node, &target(None, Some(id)))?.unwrap_or_default()))
    });
    let (item, draft) = found.await.map_err(refused)?;
    let composer = Composer { text: draft.text, ..Composer::new(To::Reply(id)) };
    Ok(html(composer::page(&page.site(Some(item.board), None), &composer, Some(&item))))
}

/// An own item again, to be written anew.
pub(super) async fn edit(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let found = page.node().blocking(move |node| {
        let row = node.item(&id)?.ok_or(NodeError::UnknownItem(id))?;
        if !row.mine || row.retracted {
            return Err(NodeError::Input(
                "only what you wrote and did not retract can be edited".into(),
            ));
        }
        let parent = row.item.parent().map(|link| link.infohash);
        let answered = parent.map(|parent| one(node, parent)).transpose()?.flatten();
        Ok((row, parent, answered, begun(node, &target(Some(id), parent))?))
    });
    let (row, parent, answered, draft) = found.await.map_err(refused)?;
    let draft = draft.unwrap_or_else(|| Draft {
        board: row.item.board().to_string(),
        title: row.item.title().unwrap_or_default().to_owned(),
        text: row.text.unwrap_or_default(),
    });
    let composer = Composer {
        title: draft.title,
        text: draft.text,
        replaces: Some(id),
        ..Composer::new(parent.map_or(To::Board(draft.board), To::Reply))
    };
    let site = page.site(Some(row.item.board()), None);
    Ok(html(composer::page(&site, &composer, answered.as_ref())))
}

#[derive(Deserialize)]
pub(super) struct PublishForm {
    #[serde(flatten)]
    token: Token,
    #[serde(default)]
    job: String,
    #[serde(default, rename = "do")]
    action: String,
    parent: Option<Infohash>,
    /// An own item that is retracted when this is out.
    replaces: Option<Infohash>,
    #[serde(default)]
    board: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    /// There if it was asked for.
    name: Option<String>,
}

pub(super) async fn publish(
    reader: Reader,
    headers: HeaderMap,
    Form(form): Form<PublishForm>,
) -> PageResult {
    let json = wants_json(&headers);
    check(&reader, &form.token.page_token, json)?;
    let node = reader.node().clone();
    // Browsers send line ends as CR LF.
    let text = form.text.replace("\r\n", "\n");
    let preview = form.action == "preview";
    let place = target(form.replaces, form.parent);
    if form.action == "discard" {
        let discarded = node.blocking(move |node| node.view_settings().set_draft(&place, None));
        discarded.await.map_err(|error| failed(error, json))?;
        return Ok(back_to(reader.links(), &form.token.back, None));
    }
    if preview {
        let (board, title, text) = (form.board.clone(), form.title.clone(), text.clone());
        let (place, draft) = (place.clone(), Draft { board, title, text });
        // What is too long to be kept is shown all the same.
        let _ = node.blocking(move |node| keep_at(node, &place, draft)).await;
    }
    let error = if preview {
        None
    } else {
        match written(&node, &form, &text).await {
            Ok(item) => {
                let flash = replaced(&node, form.replaces).await;
                let asked = form.name.is_some();
                let done = move |node: &Node| {
                    let settings = node.view_settings();
                    if asked {
                        settings.set(ViewSetting::NameAsked, Some("1"))?;
                    }
                    settings.set_draft(&place, None)
                };
                if let Err(error) = node.blocking(done).await {
                    tracing::error!(%error, "the draft of what was published stays");
                }
                return Ok(published(reader.links(), &item, flash, json));
            }
            Err(error) if json => return Err(failed(error, true)),
            Err(error) => Some(error.to_string()),
        }
    };
    let composer = Composer {
        to: form.parent.map_or(To::Board(form.board), To::Reply),
        title: form.title,
        text,
        name: form.name.unwrap_or_default(),
        preview,
        replaces: form.replaces,
        error,
    };
    let here = target(form.replaces, form.parent);
    let page = reader.at(&here).load().await?;
    let answered = match form.parent {
        Some(id) => node.blocking(move |node| one(node, id)).await.unwrap_or_default(),
        None => None,
    };
    Ok(html(composer::page(&page.site(None, None), &composer, answered.as_ref())))
}

/// The way to what is out now.
fn published(links: &Links, item: &SignedItem, flash: Flash, json: bool) -> Response {
    let root = item.root().map_or(item.infohash(), |root| root.infohash);
    let fragment = match item.root() {
        Some(_) => format!("#i{}", item.infohash()),
        None => String::new(),
    };
    if json {
        let page = links.item(&root);
        let mark = if page.contains('?') { '&' } else { '?' };
        let page = format!("{page}{mark}said={}{fragment}", flash.as_str());
        return Json(json!({ "id": item.infohash(), "page": page })).into_response();
    }
    back_to(links, &format!("t/{root}{fragment}"), Some(flash))
}

/// Retracts what the reader has written anew; the new one is out in any case.
async fn replaced(node: &Node, old: Option<Infohash>) -> Flash {
    let Some(old) = old else { return Flash::Published };
    let retracted = node.blocking(move |node| {
        node.retract(&node.header(&old)?.ok_or(NodeError::UnknownItem(old))?.work())
    });
    match retracted.await {
        Ok(_) => Flash::Replaced,
        Err(error) => {
            tracing::error!(%old, %error, "the old one is not retracted");
            Flash::Published
        }
    }
}

async fn written(node: &Node, form: &PublishForm, text: &str) -> Result<SignedItem, NodeError> {
    let text = text.as_bytes().to_vec();
    let name = form.name.as_deref().unwrap_or_default().trim().to_owned();
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
        let author = item.author();
        let about = node.blocking(move |node| Ok(node.profile_of(&author)?.about)).await?;
        node.set_profile(name, about).await?;
    }
    Ok(item)
}
