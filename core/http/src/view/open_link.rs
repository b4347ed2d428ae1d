//! Opening what the reader pasted: a link to an item, or to a person.

use std::time::Duration;

use axum::{
    Form,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use upseed_model::Pasted;
use upseed_node::{NodeError, Reference};
use upseed_view::open::{self, OpenPage};

use super::{
    form::{Token, check},
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// How long the page waits for an item that is not here: a swarm that is reached at all gives it within seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a search leads that is no search but a link. What is here is shown; what is not is looked for only when the
/// reader says so by a form, for the link may name addresses of a stranger's choice.
pub(super) async fn found(reader: Reader, pasted: Pasted, text: String) -> PageResult {
    let item = match pasted {
        Pasted::Person(key) => return Ok(to(&reader.links().person(&key))),
        Pasted::Item(link) => link.infohash,
    };
    let known = reader.node().blocking(move |node| node.header(&item)).await.map_err(refused)?;
    if known.is_some() {
        return Ok(to(&reader.links().item(&item)));
    }
    shown(reader, OpenPage { pasted: text, item: Some(item), error: None }).await
}

/// The page that offers to look for it, or says why it was not found.
pub(super) async fn shown(reader: Reader, content: OpenPage) -> PageResult {
    let page = reader.load().await?;
    Ok(html(open::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct OpenForm {
    #[serde(flatten)]
    token: Token,
    #[serde(default)]
    q: String,
}

/// Looks for it, and shows it.
pub(super) async fn open(reader: Reader, Form(form): Form<OpenForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let reader = reader.at("");
    let what: Reference = match Pasted::find(&form.q) {
        Some(Ok(Pasted::Person(key))) => return Ok(to(&reader.links().person(&key))),
        Some(Ok(Pasted::Item(link))) => link.into(),
        Some(Err(error)) => {
            let error = Some(error.to_string());
            return shown(reader, OpenPage { pasted: form.q, item: None, error }).await;
        }
        // Only words after all.
        None => return Ok(to(&reader.links().search(&form.q, None, None))),
    };
    let read = reader.node().read(&what, PATIENCE).await;
    let shown_at = match &read {
        Ok(row) => Some(row.item.infohash()),
        // Its header is here: the page says how it stands.
        Err(NodeError::NoText(id) | NodeError::Dead(id)) => Some(*id),
        Err(_) => None,
    };
    match (shown_at, read) {
        (Some(id), _) => Ok(to(&reader.links().item(&id))),
        (None, Err(error)) => {
            let (item, error) = (Some(what.infohash), Some(error.to_string()));
            shown(reader, OpenPage { pasted: form.q, item, error }).await
        }
        (None, Ok(_)) => Ok(to(&reader.links().home())),
    }
}

fn to(address: &str) -> Response {
    Redirect::to(address).into_response()
}
