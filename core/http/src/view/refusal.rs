//! How a page that cannot be shown says so.

use axum::{
    extract::Request,
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use upseed_node::{NodeError, now};
use upseed_view::{Links, Site, Status, Strings, Theme, error};

use super::{address::here, response::html};
use crate::error::HttpError;

/// A page that cannot be shown.
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
        let links = Links::new("/upseed/");
        let site = Site {
            links: &links,
            strings: Strings::english(),
            now: now(),
            page_token: "",
            here: self.here,
            board: None,
            joined: Vec::new(),
            theme: Theme::Auto,
            has_key: false,
            vote_agreed: false,
            unread: 0,
            status: Status::default(),
            feed: None,
            since: None,
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

/// The answer to a frame whose token is not good any more: JSON where that was asked for.
pub(crate) fn locked_out(request: &Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return locked(request.method(), request.uri());
    }
    let error = "this page was not used for long, or the node was started again";
    HttpError::new(StatusCode::UNAUTHORIZED, error).hint("Do it once more.").into_response()
}
