//! What the forms of all pages have in common. Each carries the page's token, and comes back to where
//! it was sent from; the script asks for JSON instead.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use upseed_node::NodeError;
use upseed_view::{Flash, Links};

use super::{
    reader::Reader,
    refusal::{Refusal, forged, refused},
};
use crate::error::HttpError;

/// What every form carries.
#[derive(Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    pub page_token: String,
    #[serde(default)]
    pub back: String,
}

/// Where a form was sent from, with what it has done.
pub(super) fn back_to(links: &Links, back: &str, flash: Option<Flash>) -> Response {
    let mut address = links.back(back);
    if let Some(flash) = flash {
        let fragment = address.split_once('#').map(|(_, f)| format!("#{f}")).unwrap_or_default();
        address.truncate(address.len() - fragment.len());
        let mark = if address.contains('?') { '&' } else { '?' };
        address = format!("{address}{mark}said={}{fragment}", flash.as_str());
    }
    Redirect::to(&address).into_response()
}

pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

pub(super) fn failed(error: NodeError, json: bool) -> Response {
    if json { HttpError::from(error).into_response() } else { refused(error) }
}

// The refusal is the page itself, which is made once and sent.
#[allow(clippy::result_large_err)]
pub(super) fn check(reader: &Reader, token: &str, json: bool) -> Result<(), Response> {
    if reader.is_ours(token) {
        return Ok(());
    }
    if json {
        let error = HttpError::new(StatusCode::FORBIDDEN, "this form is not of this node");
        return Err(error.hint("Load the page again and repeat it.").into_response());
    }
    Err(forged())
}

/// The key is neither shown nor replaced in a client's page.
#[allow(clippy::result_large_err)]
pub(super) fn not_in_frame(reader: &Reader) -> Result<(), Response> {
    if !reader.in_frame() {
        return Ok(());
    }
    let message = "the key is not shown or replaced inside a client's page";
    Err(Refusal::new(StatusCode::FORBIDDEN, message)
        .hint("Open the view itself, with `upseed open`, or use `upseed identity`.")
        .into_response())
}
