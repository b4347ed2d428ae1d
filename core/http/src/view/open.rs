//! The way in: a one-time link becomes a cookie.

use axum::{
    Extension,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use upseed_node::now;
use upseed_serve::Reached;

use super::{refusal::Refusal, response::html};
use crate::{
    access::{cookie_name, links},
    server::Server,
};

#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Takes a one-time link. It answers with a page that goes on by itself and not with a redirect: a
/// browser that was sent here by another page would not send the new cookie along with that.
pub(super) async fn open(
    State(server): State<Server>,
    Extension(reached): Extension<Reached>,
    Query(ticket): Query<Ticket>,
) -> Response {
    if !server.sessions().take(&ticket.ticket, now()) {
        let message = "this link was used before or is too old";
        return Refusal::new(StatusCode::UNAUTHORIZED, message).into_response();
    }
    let cookie = format!(
        "{}={}; Path={}/upseed; HttpOnly; SameSite=Strict; Max-Age=31536000{}",
        cookie_name(server.address()),
        server.sessions().cookie(),
        reached.prefix,
        if reached.secure { "; Secure" } else { "" }
    );
    // Whoever has no key yet begins with what this is.
    let links = links(&reached);
    let to = match server.node().identity().public() {
        Some(_) => links.home(),
        None => links.welcome(),
    };
    let mut response = html(format!(
        "<!DOCTYPE html><html lang=en><title>Upseed</title>\
        <link rel=icon href=\"{}\"><a href=\"{to}\">Upseed</a>",
        links.asset("upseed.svg"),
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
