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
use upseed_node::{Job, NewComment, NewPost, Node, NodeError};
use upseed_view::{
    Flash, Links,
    composer::{self, Composer, To},
};

use super::{
    context::{one, required},
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
    let board = query.board.or(only).unwrap_or_default();
    let composer = Composer::new(To::Board(board));
    Ok(html(composer::page(&page.site(None, None), &composer, None)))
}

pub(super) async fn reply(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let item = page.node().blocking(move |node| required(node, id)).await.map_err(refused)?;
    let composer = Composer::new(To::Reply(id));
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
        Ok((row, parent, answered))
    });
    let (row, parent, answered) = found.await.map_err(refused)?;
    let composer = Composer {
        title: row.item.title().unwrap_or_default().to_owned(),
        text: row.text.unwrap_or_default(),
        replaces: Some(id),
        ..Composer::new(parent.map_or(To::Board(row.item.board().to_string()), To::Reply))
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
    #[serde(default)]
    name: String,
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
    let error = if preview {
        None
    } else {
        match written(&node, &form, &text).await {
            Ok(item) => {
                let flash = replaced(&node, form.replaces).await;
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
        name: form.name,
        preview,
        replaces: form.replaces,
        error,
    };
    let here = match (form.replaces, form.parent) {
        (Some(id), _) => format!("edit/{id}"),
        (None, Some(id)) => format!("reply/{id}"),
        (None, None) => "write".into(),
    };
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
        let page = format!("{}{fragment}", links.item(&root));
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
    Ok(item)
}
