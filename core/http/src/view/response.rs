//! A page as a response.

use axum::{
    http::header::{self, HeaderValue},
    response::{IntoResponse as _, Response},
};
use upseed_view::csp;

/// What a handler of the view gives: both ends are sent as they are.
pub(super) type PageResult = Result<Response, Response>;

/// A page, with what the browser must be told.
pub(super) fn html(page: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let headers = response.headers_mut();
    for (name, value) in csp::HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = csp::csp("'none'").parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}
