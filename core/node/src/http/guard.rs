//! Who may call: nobody from another site, by another host name, or without the token.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use zeroize::Zeroizing;

use super::answer::ApiError;

/// What a request is compared with.
#[derive(Clone)]
pub(super) struct Guard(Arc<Inner>);

struct Inner {
    token: Zeroizing<String>,
    hosts: Vec<String>,
}

impl Guard {
    pub fn new(token: Zeroizing<String>, more: Vec<String>, address: SocketAddr) -> Self {
        let mut hosts = vec!["127.0.0.1".into(), "localhost".into(), "[::1]".into()];
        if !address.ip().is_unspecified() {
            hosts.push(match address.ip() {
                std::net::IpAddr::V4(ip) => ip.to_string(),
                std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            });
        }
        hosts.extend(more.into_iter().map(|host| host.to_ascii_lowercase()));
        Self(Arc::new(Inner { token, hosts }))
    }

    /// A page that got here by a name of its own choice (DNS rebinding) is not ours.
    fn knows_host(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        self.0.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        given.is_some_and(|given| same(given.as_bytes(), self.0.token.as_bytes()))
    }
}

/// Compares without telling by its duration how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !guard.knows_host(host) {
        return ApiError::new(StatusCode::MISDIRECTED_REQUEST, "this host name is not served here")
            .hint("Allow it with `upseed run --host NAME`.")
            .into_response();
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let ours = origin.split_once("://").is_some_and(|(scheme, origin)| {
            matches!(scheme, "http" | "https") && origin.eq_ignore_ascii_case(host)
        });
        if !ours {
            return ApiError::new(StatusCode::FORBIDDEN, "a page of another site may not call this")
                .into_response();
        }
    }
    if !guard.has_token(headers) {
        return ApiError::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong")
            .hint("Send `Authorization: Bearer TOKEN`; TOKEN is in the data folder's `api-token`.")
            .into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let guard = Guard::new(
            Zeroizing::new("t".into()),
            vec!["NAS.local".into()],
            "127.0.0.1:7667".parse().unwrap(),
        );
        for good in ["127.0.0.1:7667", "localhost", "[::1]:1", "nas.local:443", "LOCALHOST:1"] {
            assert!(guard.knows_host(good), "{good}");
        }
        for bad in ["", "evil.example", "127.0.0.1.evil.example:7667", "localhost:1:2", "[::2]:1"] {
            assert!(!guard.knows_host(bad), "{bad}");
        }
    }
}
