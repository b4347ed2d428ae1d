//! The way in: a one-time link becomes a cookie. And the files that need none.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use upseed_view::{Links, assets};

use super::reader::{Refused, html};
use crate::{Node, clock::now, http::cookie_name};

#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Takes a one-time link. It answers with a page that goes on by itself and not with a redirect: a
/// browser that was sent here by another page would not send the new cookie along with that.
pub(super) async fn open(State(node): State<Node>, Query(ticket): Query<Ticket>) -> Response {
    if !node.inner.sessions.take(&ticket.ticket, now()) {
        return Refused::new(
            &node,
            StatusCode::UNAUTHORIZED,
            "this link was used before or is too old",
        )
        .into_response();
    }
    let cookie = format!(
        "{}={}; Path=/upseed; HttpOnly; SameSite=Strict; Max-Age=31536000",
        cookie_name(node.address()),
        node.inner.sessions.cookie()
    );
    // Whoever has no key yet begins with what this is.
    let to = match node.inner.identity.public() {
        Some(_) => "/upseed/",
        None => "/upseed/welcome",
    };
    let mut response = html(format!(
        "<!DOCTYPE html><html lang=en><title>Upseed</title>\
        <link rel=icon href=\"{}\"><a href=\"{to}\">Upseed</a>",
        Links::new("/upseed/").asset("upseed.svg"),
    ));
    let headers = response.headers_mut();
    if let Ok(cookie) = cookie.parse() {
        headers.insert(header::SET_COOKIE, cookie);
    }
    if let Ok(refresh) = format!("0; url={to}").parse() {
        headers.insert("Refresh", refresh);
    }
    response
}

/// The stylesheet, the script, the picture.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = asset.etag();
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let zipped = accepts.is_some_and(|accepts| accepts.contains("gzip"));
    let body = if zipped { asset.gzip().to_vec() } else { asset.bytes.to_vec() };
    let mut response = ([(header::CONTENT_TYPE, asset.content_type)], body).into_response();
    for (name, value) in assets::HEADERS {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    if let Ok(etag) = etag.parse() {
        response.headers_mut().insert(header::ETAG, etag);
    }
    if zipped {
        let gzip = header::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    response
}
