//! Who may call: nobody from another site, by another host name, or without a secret.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use upseed_node::now;
use upseed_serve::{Addresses, Misreached, PASSED_ON, Reached};
use upseed_view::csp;
use zeroize::Zeroizing;

use crate::{
    access::{Access, cookie_name, same},
    error::HttpError,
    frames::FrameToken,
    server::Server,
    view::refusal,
};

/// What a request is compared with.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Inner>);

struct Inner {
    token: Zeroizing<String>,
    addresses: Addresses,
    server: Server,
}

/// Files that need no secret.
const ASSETS: &str = "/upseed/assets/";

/// How a page without an origin is named.
const NOWHERE: HeaderValue = HeaderValue::from_static("null");

const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

impl Guard {
    pub fn new(token: Zeroizing<String>, server: &Server, addresses: Addresses) -> Self {
        Self(Arc::new(Inner { token, addresses, server: server.clone() }))
    }

    fn reached(&self, request: &Request) -> Result<Reached, Misreached> {
        let headers = request.headers();
        let peer = request.extensions().get().map(|ConnectInfo::<SocketAddr>(peer)| peer.ip());
        let shown = headers.get(PASSED_ON).and_then(|secret| secret.to_str().ok());
        let ours = shown.is_some_and(|secret| same(secret, self.0.server.passing_on()));
        self.0.addresses.reached(headers, peer, ours)
    }

    fn access(&self, request: &Request) -> (Access, Option<FrameToken>) {
        let frame = query(request).find(|(key, _)| *key == "token").map(|(_, value)| value);
        if let Some(token) = frame.filter(|token| self.0.server.frames().used(token, now())) {
            return (Access::Frame, Some(FrameToken(Zeroizing::new(token.to_owned()))));
        }
        (self.access_of_a_site(request), None)
    }

    fn access_of_a_site(&self, request: &Request) -> Access {
        let headers = request.headers();
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        if bearer.is_some_and(|given| same(given, &self.0.token)) {
            return Access::Owner;
        }
        let sessions = self.0.server.sessions();
        let name = cookie_name(self.0.server.address());
        if cookies(headers).any(|(key, value)| key == name && same(value, sessions.cookie())) {
            return Access::Page;
        }
        let feed = query(request).find(|(key, _)| *key == "feed").map(|(_, value)| value);
        match (feed, sessions.feed()) {
            (Some(given), Some(token)) if same(given, &token) => Access::Feed,
            _ => Access::Nobody,
        }
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

fn query(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').filter_map(|pair| pair.split_once('='))
}

/// Where a request says that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    /// From no page, or from one of ours.
    Ours,
    /// From a page without an origin, as in a sandboxed frame.
    Nowhere,
    /// From a page of another site.
    Other,
}

fn origin(headers: &HeaderMap, host: &str) -> Site {
    let Some(origin) = headers.get(header::ORIGIN) else { return Site::Ours };
    let origin = origin.to_str().unwrap_or_default();
    if origin == "null" {
        return Site::Nowhere;
    }
    let ours = origin.split_once("://").is_some_and(|(scheme, origin)| {
        matches!(scheme, "http" | "https") && origin.eq_ignore_ascii_case(host)
    });
    if ours { Site::Ours } else { Site::Other }
}

/// Every request: known host, no foreign origin; and what it has shown is noted.
pub(crate) async fn check(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    let reached = match guard.reached(&request) {
        Ok(reached) => reached,
        Err(error) => {
            let status = match error {
                Misreached::Host(_) => StatusCode::MISDIRECTED_REQUEST,
                Misreached::Prefix(_) => StatusCode::BAD_REQUEST,
            };
            let hint = error.hint();
            return HttpError::new(status, error.to_string()).hint(hint).into_response();
        }
    };
    let from = origin(request.headers(), &reached.host);
    let (access, frame) = guard.access(&request);
    // The script of a frame is fetched as if from elsewhere, and nothing in it is secret.
    let asset = request.method() == Method::GET && request.uri().path().starts_with(ASSETS);
    match from {
        Site::Ours => {}
        Site::Nowhere if access == Access::Frame || asset => {}
        // Told so that its script can read it, and asks for a new token.
        Site::Nowhere if query(&request).any(|(key, _)| key == "token") => {
            let mut response = refusal::shown(refusal::locked_out(&request), &reached);
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, NOWHERE);
            return finished(response, Access::Nobody);
        }
        Site::Nowhere | Site::Other => {
            let error = "a page of another site may not call this";
            let hint = "If it is ours, a reverse proxy does not pass on by which host and port it was asked for \
                        (docs/proxies.md).";
            return HttpError::new(StatusCode::FORBIDDEN, error).hint(hint).into_response();
        }
    }
    request.extensions_mut().insert(access);
    request.extensions_mut().insert(reached.clone());
    if let Some(frame) = frame {
        request.extensions_mut().insert(frame);
    }
    let wants_page = refusal::wants_page(request.headers());
    let mut response = refusal::shown(next.run(request).await, &reached);
    if wants_page {
        response = refusal::shown(refusal::as_page(response), &reached);
    }
    if from == Site::Nowhere && !asset {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, NOWHERE);
    }
    finished(response, access)
}

/// What every answer says to the browser.
fn finished(mut response: Response, access: Access) -> Response {
    let headers = response.headers_mut();
    // A page on another port is the same site to a browser and gets the cookie sent: it must not
    // load an answer as a script or a picture of its own either. (Assets say otherwise.)
    headers.entry("Cross-Origin-Resource-Policy").or_insert(SAME_ORIGIN);
    // Nothing is kept but what says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The page around the frame is of the same proxy; so is that around a page that only says
    // that it is locked, which asks for a new token.
    if matches!(access, Access::Frame | Access::Nobody)
        && headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(framed) = csp::csp("'self'").parse()
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, framed);
    }
    response
}

/// The API: the command's token, or a page that only reads.
pub(crate) async fn api(request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET;
    match request.extensions().get::<Access>() {
        Some(Access::Owner) => next.run(request).await,
        Some(Access::Page) if reads => next.run(request).await,
        // A page in a frame only listens here.
        Some(Access::Frame) if reads && request.uri().path() == "/events" => {
            next.run(request).await
        }
        Some(Access::Page | Access::Frame) => {
            HttpError::new(StatusCode::FORBIDDEN, "a page writes by its forms").into_response()
        }
        _ => HttpError::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong")
            .hint("Send `Authorization: Bearer TOKEN`; TOKEN is in the data folder's `api-token`.")
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
