//! What the proxy says itself.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

/// One sentence, and what can be done: as a page for those who look at pages, else as JSON.
pub(crate) fn refusal(
    headers: &HeaderMap,
    status: StatusCode,
    error: &str,
    hint: &str,
) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let mut response = if accept.is_some_and(|accept| accept.contains("text/html")) {
        let page = format!(
            "<!DOCTYPE html><html lang=en><meta charset=utf-8>\
             <meta name=viewport content=\"width=device-width, initial-scale=1\">\
             <meta name=color-scheme content=\"light dark\"><title>Upseed</title>\
             <h1>{}</h1><p>{}</p>",
            escaped(error),
            escaped(hint)
        );
        let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        // The page has nothing that would need anything.
        let csp = (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'self'");
        ([kind, csp], page).into_response()
    } else {
        Json(json!({ "error": error, "hint": hint })).into_response()
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same refusal, which makes a browser send what it logged in to the client with.
pub(crate) fn challenged(mut response: Response, realm: Option<&'static str>) -> Response {
    let challenge = realm.and_then(|realm| format!("Basic realm=\"{realm}\"").parse().ok());
    if let Some(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
