//! How a page that cannot be shown says so.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use upseed_node::{NodeError, now};
use upseed_serve::Reached;
use upseed_view::{Links, Site, Status, Strings, Theme, error};

use super::{address::here, response::html};
use crate::{access::links, error::HttpError};

/// A page that cannot be shown. The guard makes the page of it ([`shown`]), for it knows by which address it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    hint: Option<String>,
    /// The page that was wanted, below the prefix.
    here: String,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hint: None, here: String::new() }
    }

    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<&NodeError> for Refusal {
    fn from(error: &NodeError) -> Self {
        let status = HttpError::status_of(error);
        Self { hint: error.hint(), ..Self::new(status, error.to_string()) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An answer as it is, or the page of what was refused.
pub(crate) fn shown(mut response: Response, reached: &Reached) -> Response {
    match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal.page(&links(reached)),
        None => response,
    }
}

impl Refusal {
    fn page(self, links: &Links) -> Response {
        let site = Site {
            links,
            strings: Strings::english(),
            now: now(),
            page_token: "",
            here: self.here,
            board: None,
            joined: Vec::new(),
            theme: Theme::Auto,
            is_compact: false,
            has_key: false,
            vote_agreed: false,
            unread: 0,
            status: Status::default(),
            feed: None,
            since: None,
            asks_name: false,
            visited: None,
            flash: None,
        };
        let page = error::ErrorPage {
            status: self.status.as_u16(),
            message: self.message,
            hint: self.hint,
        };
        let mut response = html(error::page(&site, &page));
        *response.status_mut() = self.status;
        response
    }
}

/// An error of the node, as a page.
pub(super) fn refused(error: NodeError) -> Response {
    Refusal::from(&error).into_response()
}

/// The answer to a form without the page's token.
pub(super) fn forged() -> Response {
    Refusal::new(StatusCode::FORBIDDEN, "this form did not come from a page of this node")
        .hint("Load the page again and repeat it.")
        .into_response()
}

/// The answer to those who have shown nothing. In a frame it asks for a new token and goes on to
/// the page that was wanted.
pub(super) fn locked(method: &Method, uri: &Uri) -> Response {
    let mut refusal = Refusal::new(StatusCode::UNAUTHORIZED, "this page is locked");
    if *method == Method::GET {
        refusal.here = here(uri);
    }
    refusal.into_response()
}

/// A browser that wanted a page, and was refused by whatever came before the view's own handlers, gets a page.
pub(crate) fn as_page(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let message = match status {
        StatusCode::NOT_FOUND => "There is nothing at this address.",
        StatusCode::METHOD_NOT_ALLOWED => "This address only takes what a form of a page sends.",
        StatusCode::PAYLOAD_TOO_LARGE => "That was too long.",
        status if status.is_server_error() => "Upseed could not do this. Its log says why.",
        _ => "This address, or what was sent to it, cannot be read.",
    };
    Refusal::new(status, message).into_response()
}

/// Whether a request comes from a browser that would show a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The answer to a frame whose token is not good any more: JSON where that was asked for.
pub(crate) fn locked_out(request: &Request) -> Response {
    if wants_page(request.headers()) {
        return locked(request.method(), request.uri());
    }
    let error = "this page was not used for long, or the node was started again";
    HttpError::new(StatusCode::UNAUTHORIZED, error).hint("Do it once more.").into_response()
}
