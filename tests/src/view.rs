//! The rank view as a browser uses it that opened a one-time link.

use std::net::SocketAddr;

use crate::http;

/// Opens a one-time link at a node's API; the session's cookie.
///
/// # Panics
/// If the link does not open the view.
pub fn cookie(api: SocketAddr, link: &str) -> String {
    let (_, path) = link.split_once("/upseed/").expect("a link into the view");
    let opened = http::request(api, "GET", &format!("/upseed/{path}"), &[], b"");
    let cookie = opened.header("set-cookie").and_then(|set| set.split(';').next());
    cookie.expect("a cookie").to_owned()
}

/// A page of the view.
///
/// # Panics
/// If it is not there.
pub fn page(api: SocketAddr, path: &str, cookie: &str) -> String {
    let page = http::request(api, "GET", path, &[("Cookie", cookie)], b"");
    assert_eq!(page.status, 200, "{path}: {page:?}");
    String::from_utf8_lossy(&page.body).into_owned()
}

/// Sends a form of the view.
///
/// # Panics
/// If the view refuses.
#[track_caller]
pub fn form(api: SocketAddr, cookie: &str, path: &str, fields: &str) {
    let page = page(api, "/upseed/me", cookie);
    let (_, token) = page.split_once("name=\"page_token\" value=\"").expect("a form");
    let token = token.split('"').next().expect("a token");
    let body = format!("page_token={token}&{fields}");
    let headers = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")];
    let answer = http::request(api, "POST", path, &headers, body.as_bytes());
    assert!((300..400).contains(&answer.status), "{path}: {answer:?}");
}
