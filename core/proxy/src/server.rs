//! Every request, and where it goes.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use tokio::net::TcpListener;
use upseed_serve::{Addresses, Limits, Misreached, Reached};

use crate::{
    Doorway,
    answer::{challenged, refusal},
    error::ProxyError,
    forward::{Forward, ForwardError, status_of},
    headers,
    host::Host,
    inject,
    login::{self, Refusals, Said},
    strangers::{Strangers, stranger},
};

/// Where the script asks for a token.
const FRAME: &str = "/upseed/frame";

const FRAMES: HeaderValue = HeaderValue::from_static("frame-src 'self' blob:");

struct Proxy {
    host: Host,
    doorway: Doorway,
    addresses: Addresses,
    forward: Forward,
    refusals: Refusals,
    strangers: Strangers,
}

/// Who asks, of whom.
struct Caller {
    /// By which address.
    ours: Reached,
    /// As the client is told.
    from: IpAddr,
}

/// Serves the client's web UI with the view in it until `stop` completes. `addresses` are those by
/// which it may be called.
pub async fn serve(
    listener: TcpListener,
    host: Host,
    doorway: Doorway,
    addresses: Addresses,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ProxyError> {
    host.check()?;
    let proxy = Arc::new(Proxy {
        addresses,
        forward: Forward::new(&host).map_err(ProxyError::Tls)?,
        refusals: Refusals::default(),
        strangers: Strangers::default(),
        host,
        doorway,
    });
    let app = Router::new().fallback(answer).with_state(proxy);
    upseed_serve::serve(listener, app, Limits::default(), stop).await;
    Ok(())
}

async fn answer(
    State(proxy): State<Arc<Proxy>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let ours = match proxy.addresses.reached(headers, Some(peer.ip()), false) {
        Ok(ours) => ours,
        Err(error) => {
            let status = match error {
                Misreached::Host(_) => StatusCode::MISDIRECTED_REQUEST,
                Misreached::Prefix(_) => StatusCode::BAD_REQUEST,
            };
            return refusal(headers, status, &sentence(&error), error.hint());
        }
    };
    if climbs(request.uri().path()) {
        let error = "Not found.";
        return refusal(headers, StatusCode::BAD_REQUEST, error, "Remove the dots from the path.");
    }
    let stranger = stranger(peer.ip(), headers, &ours);
    let mut caller = Caller { ours, from: peer.ip().to_canonical() };
    if let Some(from) = stranger {
        if let Err(refused) = proxy.check_strangers(headers).await {
            return refused;
        }
        caller.from = from;
    }
    match request.uri().path() {
        path if path == proxy.host.script.path => proxy.script(&request, &caller),
        FRAME => proxy.frame(request.method(), request.headers(), &caller).await,
        path if path == "/upseed" || path.starts_with("/upseed/") => {
            proxy.to_node(request, &caller).await
        }
        _ => proxy.to_upstream(request, &caller).await,
    }
}

/// What was wrong, as people are told.
fn sentence(error: &Misreached) -> String {
    let error = error.to_string();
    let (first, rest) = error.split_at(1);
    format!("{}{rest}.", first.to_uppercase())
}

/// A path that would leave the upstream's own folder, or the view's.
fn climbs(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
    path.split(['/', '\\']).any(|part| part == "." || part == "..")
}

/// A path with its query, of whatever form the request's target had.
fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str)
}

impl Proxy {
    async fn check_strangers(&self, headers: &HeaderMap) -> Result<(), Response> {
        match self.strangers.are_refused(&self.host, &self.forward, &self.refusals).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let error = format!(
                    "{} asks nobody on its own machine for a password, so Upseed shows it on this \
                     machine only.",
                    self.host.name
                );
                let hint = "Set a password there. In qBittorrent, also turn off \"bypass \
                            authentication for clients on localhost\", or turn on \"reverse proxy \
                            support\" with this machine as the trusted proxy.";
                Err(refusal(headers, StatusCode::FORBIDDEN, &error, hint))
            }
            Err(error) => Err(self.no_answer(headers, &error)),
        }
    }

    fn script(&self, request: &Request, caller: &Caller) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let headers = [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let mut response = (headers, self.host.script(&caller.ours.prefix)).into_response();
        // The script talks about this machine; other sites have no business with it.
        response
            .headers_mut()
            .insert("Cross-Origin-Resource-Policy", HeaderValue::from_static("same-origin"));
        response
    }

    /// A token for a frame, for a page of ours whose user is logged in to the client.
    async fn frame(&self, method: &Method, headers: &HeaderMap, caller: &Caller) -> Response {
        let refused = |status, error, hint| refusal(headers, status, error, hint);
        if method != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        if !headers.contains_key(header::ORIGIN) || !headers::is_ours(headers, &caller.ours.host) {
            let error = "A page of another site may not call this.";
            return refused(StatusCode::FORBIDDEN, error, "Open the client's web UI here.");
        }
        let asked = login::ask(&self.host, &self.forward, &self.refusals, headers, caller.from);
        match asked.await {
            Ok(Said::Yes) => {}
            Ok(Said::No) => {
                let error = format!("You are not logged in to {}.", self.host.name);
                let status = StatusCode::UNAUTHORIZED;
                let response = refused(status, &error, "Log in there, then reload the page.");
                return challenged(response, self.host.log_in.realm);
            }
            Err(error) => return self.no_answer(headers, &error),
        }
        match self.doorway.token() {
            Ok(token) => {
                let no_store = [(header::CACHE_CONTROL, "no-store")];
                (no_store, Json(json!({ "token": &*token }))).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "no token for a frame");
                let hint = "See the log of `upseed run`.";
                refused(StatusCode::INTERNAL_SERVER_ERROR, "Upseed is not ready.", hint)
            }
        }
    }

    async fn to_node(&self, request: Request, caller: &Caller) -> Response {
        let (parts, body) = request.into_parts();
        let node = self.doorway.address().to_string();
        let secret = self.doorway.passing_on();
        let passed = headers::to_node(&parts.headers, &caller.ours, secret);
        let Ok(url) = format!("http://{node}{}", target(&parts.uri)).parse() else {
            return self.no_answer(&parts.headers, &ForwardError::Address);
        };
        let answer = self.forward.pass(parts.method, url, passed, &parts.headers, body).await;
        match answer {
            Ok(answer) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = answer.status();
                *response.headers_mut() = headers::passed(answer.headers());
                // The node's cookies are for its own address.
                response.headers_mut().remove(header::SET_COOKIE);
                *response.body_mut() = self.forward.streamed(answer);
                response
            }
            Err(error) => {
                tracing::warn!(%error, cause = error.cause(), "the node does not answer");
                let hint = "See `upseed status`.";
                refusal(&parts.headers, status_of(&error), "Upseed does not answer.", hint)
            }
        }
    }

    async fn to_upstream(&self, request: Request, caller: &Caller) -> Response {
        let (parts, body) = request.into_parts();
        let asked = &parts.headers;
        if !headers::is_ours(asked, &caller.ours.host) {
            // The frame's own requests end here too: it must not reach the client.
            let error = "A page of another site may not call this.";
            return refusal(asked, StatusCode::FORBIDDEN, error, "Open the client's web UI here.");
        }
        let basic = self.host.log_in.realm.is_some();
        let turn = if basic { self.refusals.turn(asked).await } else { None };
        if basic && turn.is_none() {
            let error = format!("{} wants a user name and a password.", self.host.name);
            let hint = "If they are right and this persists, restart `upseed run`.";
            let response = refusal(asked, StatusCode::UNAUTHORIZED, &error, hint);
            return challenged(response, self.host.log_in.realm);
        }
        let Some(url) = self.host.at(target(&parts.uri)) else {
            return self.no_answer(asked, &ForwardError::Address);
        };
        let html = parts.method == Method::GET && wants_page(&parts.uri, asked);
        let passed = headers::to_upstream(asked, &self.host, &caller.ours, caller.from, html);
        let method = parts.method.clone();
        let answer = match self.forward.pass(method, url, passed, asked, body).await {
            Ok(answer) => answer,
            Err(error) => return self.no_answer(asked, &error),
        };
        if basic {
            self.refusals.learn(asked, answer.status());
        }
        drop(turn);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() =
            headers::from_upstream(answer.headers(), &caller.ours, &self.host);
        if !html || !inject::is_page(answer.status(), answer.headers()) {
            *response.body_mut() = self.forward.streamed(answer);
            return response;
        }
        match inject::with_script(answer, &self.host, &caller.ours.prefix, &self.forward).await {
            Ok((page, changed)) => {
                *response.body_mut() = page;
                if changed {
                    let headers = response.headers_mut();
                    for name in [header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED] {
                        headers.remove(name);
                    }
                    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                    // One more policy beside the client's own. No other site gets into a frame of
                    // this page, where it could ask for a token.
                    headers.append(header::CONTENT_SECURITY_POLICY, FRAMES);
                }
                response
            }
            Err(error) => self.no_answer(asked, &error),
        }
    }

    /// The client is not there, or not as it should be.
    fn no_answer(&self, headers: &HeaderMap, error: &ForwardError) -> Response {
        let (name, at) = (self.host.name, &self.host.upstream);
        tracing::debug!(%error, cause = error.cause(), "no answer from {name}");
        let said = format!("{name} does not answer at {at}: {error}.");
        let hint = match error {
            ForwardError::Body => "Send it with a Content-Length, or send less.".to_owned(),
            ForwardError::Address => "Check the address.".to_owned(),
            ForwardError::Certificate(_) => {
                let cause = error.cause();
                format!("If its certificate is self-signed, pass it to `upseed connect`. {cause}")
            }
            _ => format!(
                "Is it running? If its address has changed, run `upseed connect` again. {}",
                error.cause()
            ),
        };
        refusal(headers, status_of(error), &said, &hint)
    }
}

/// Whether the answer may be a page: what a browser opens, and what a service worker keeps of it.
fn wants_page(uri: &Uri, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let path = uri.path();
    accept.is_some_and(|accept| accept.contains("text/html"))
        || path.ends_with('/')
        || path.ends_with(".html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_climb() {
        for bad in ["/..", "/a/../b", "/%2e%2E/a", "/a/.%2e", "/./a", "/a\\..\\b", "/a%2f..%2Fb"] {
            assert!(climbs(bad), "{bad}");
        }
        for good in ["/", "/a..b", "/...", "/a.b/c", "/.well-known/x"] {
            assert!(!climbs(good), "{good}");
        }
    }
}
