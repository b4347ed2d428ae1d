//! The upvote of a page.

use axum::{Form, Json, http::HeaderMap, response::IntoResponse as _};
use serde::Deserialize;
use upseed_model::Infohash;
use upseed_node::{NodeError, ViewSetting, now};
use upseed_view::{Strings, welcome};

use super::{
    context::required,
    form::{Token, back_to, check, failed, wants_json},
    reader::Reader,
    response::{PageResult, html},
};

#[derive(Deserialize)]
pub(super) struct VoteForm {
    #[serde(flatten)]
    token: Token,
    up: Option<Infohash>,
    down: Option<Infohash>,
    understood: Option<u8>,
}

pub(super) async fn vote(
    reader: Reader,
    headers: HeaderMap,
    Form(form): Form<VoteForm>,
) -> PageResult {
    let json = wants_json(&headers);
    check(&reader, &form.token.page_token, json)?;
    let node = reader.node().clone();
    let (id, up) = match (form.up, form.down) {
        (Some(id), None) => (id, true),
        (None, Some(id)) => (id, false),
        _ => return Err(failed(NodeError::Input("say either up or down".into()), json)),
    };
    let understood = form.understood.is_some();
    let ready = node.blocking(move |node| {
        let settings = node.view_settings();
        if understood {
            settings.set(ViewSetting::VoteAgreed, Some("1"))?;
        }
        let item = node.header(&id)?.ok_or(NodeError::UnknownItem(id))?;
        Ok((item.work(), settings.has(ViewSetting::VoteAgreed)?))
    });
    let (work, agreed) = ready.await.map_err(|error| failed(error, json))?;
    if up && !agreed {
        // Said once, before the first upvote.
        let page = reader.at(&form.token.back).load().await?;
        let item = node.blocking(move |node| required(node, id)).await;
        let item = item.map_err(|error| failed(error, json))?;
        return Ok(html(welcome::first_vote(&page.site(None, None), &item)));
    }
    node.vote(work, up).await.map_err(|error| failed(error, json))?;
    if json {
        let item = node.blocking(move |node| required(node, id)).await;
        let item = item.map_err(|error| failed(error, json))?;
        return Ok(Json(item.update(Strings::english(), now())).into_response());
    }
    let fragment = format!("{}#i{id}", form.token.back.split('#').next().unwrap_or_default());
    Ok(back_to(reader.links(), &fragment, None))
}
