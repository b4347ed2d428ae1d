//! What to send to others so that they find an item.

use axum::{Form, extract::Path};
use serde::Deserialize;
use upseed_api::Share;
use upseed_model::Infohash;
use upseed_node::{Node, NodeError, ViewSetting};
use upseed_view::{
    Flash, Strings,
    share::{self, SharePage},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// A text for others, and what it is made of.
pub(crate) fn shared(node: &Node, id: Infohash, with_address: bool) -> Result<Share, NodeError> {
    let row = node.item(&id)?.ok_or(NodeError::UnknownItem(id))?;
    let root = match row.item.root() {
        Some(root) => ViewContext::open(node)?.title(root.infohash)?,
        None => None,
    };
    let link = node.share_link(&row.item, with_address)?;
    let strings = Strings::english();
    let text = row.text.as_deref().unwrap_or_default();
    let name = share::name(strings, row.item.title(), root.as_deref(), text);
    let magnet = link.to_string();
    Ok(Share {
        id,
        text: share::text(strings, &name, &magnet),
        name,
        magnet,
        addresses: link.peers,
    })
}

pub(super) async fn share(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let content = page.node().blocking(move |node| {
        let with_address = node.view_settings().has(ViewSetting::ShareAddress)?;
        let share = shared(node, id, with_address)?;
        let addresses = share.addresses.iter().map(ToString::to_string).collect();
        Ok(SharePage { id, text: share.text, with_address, addresses })
    });
    let content = content.await.map_err(refused)?;
    Ok(html(share::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct ShareForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
}

/// Whether links name this node's address.
pub(super) async fn change(reader: Reader, Form(form): Form<ShareForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let value = match form.action.as_str() {
        "add" => Some("1"),
        "drop" => None,
        other => return Err(refused(NodeError::Input(format!("{other:?} is nothing to do")))),
    };
    let set = move |node: &Node| node.view_settings().set(ViewSetting::ShareAddress, value);
    reader.node().blocking(set).await.map_err(refused)?;
    Ok(back_to(reader.links(), &form.token.back, Some(Flash::Saved)))
}
