//! The reader's own lists: what they saved or hid, and whom they follow.

use axum::{Form, Json, extract::Query, http::HeaderMap, response::IntoResponse as _};
use serde::Deserialize;
use serde_json::json;
use upseed_model::Infohash;
use upseed_node::{Node, NodeError};
use upseed_view::{
    Flash, Strings,
    kept::{self, SavedPage},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check, failed, wants_json},
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// Items on one page.
const LIST: u32 = 30;

#[derive(Deserialize, Default)]
pub(super) struct SavedQuery {
    after: Option<u32>,
}

pub(super) async fn saved(reader: Reader, Query(query): Query<SavedQuery>) -> PageResult {
    let page = reader.load().await?;
    let skip = query.after.unwrap_or(0);
    let content = page.node().blocking(move |node| {
        let mut rows = node.saved_items(skip, LIST + 1)?;
        let more = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let items = ViewContext::open(node)?.items(rows)?;
        Ok(SavedPage { items, more: more.then(|| (skip + LIST).to_string()) })
    });
    let content = content.await.map_err(refused)?;
    Ok(html(kept::saved(&page.site(None, None), &content)))
}

pub(super) async fn following(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    let people = page.node().blocking(|node| {
        let mut context = ViewContext::open(node)?;
        node.follows()?.into_iter().map(|key| context.person(key)).collect::<Result<Vec<_>, _>>()
    });
    let people = people.await.map_err(refused)?;
    Ok(html(kept::following(&page.site(None, None), &people)))
}

#[derive(Deserialize)]
pub(super) struct KeepForm {
    #[serde(flatten)]
    token: Token,
    save: Option<Infohash>,
    unsave: Option<Infohash>,
    hide: Option<Infohash>,
    unhide: Option<Infohash>,
}

/// Saves or hides one item, or no longer.
pub(super) async fn keep(
    reader: Reader,
    headers: HeaderMap,
    Form(form): Form<KeepForm>,
) -> PageResult {
    let json = wants_json(&headers);
    check(&reader, &form.token.page_token, json)?;
    type Act = fn(&Node, &upseed_model::WorkId) -> Result<(), NodeError>;
    let acts: [(Option<Infohash>, Flash, Act); 4] = [
        (form.save, Flash::Kept, |node, work| node.save(work, true)),
        (form.unsave, Flash::Unkept, |node, work| node.save(work, false)),
        (form.hide, Flash::Hidden, |node, work| node.hide(work, true)),
        (form.unhide, Flash::Shown, |node, work| node.hide(work, false)),
    ];
    let act = acts.into_iter().find_map(|(id, flash, act)| Some((id?, flash, act)));
    let nothing = || NodeError::Input("say what to save or to hide".into());
    let (id, flash, act) = act.ok_or_else(|| failed(nothing(), json))?;
    let done = reader.node().blocking(move |node| {
        let item = node.header(&id)?.ok_or(NodeError::UnknownItem(id))?;
        act(node, &item.work())
    });
    done.await.map_err(|error| failed(error, json))?;
    if json {
        let strings = Strings::english();
        let next = match flash {
            Flash::Kept => ("unsave", &strings.kept),
            Flash::Unkept => ("save", &strings.keep),
            Flash::Hidden => ("unhide", &strings.unhide_item),
            _ => ("hide", &strings.hide_item),
        };
        let said = json!({ "id": id, "said": flash.text(strings), "name": next.0, "text": next.1 });
        return Ok(Json(said).into_response());
    }
    let fragment = format!("{}#i{id}", form.token.back.split('#').next().unwrap_or_default());
    Ok(back_to(reader.links(), &fragment, Some(flash)))
}
