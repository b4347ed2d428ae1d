//! Transmission's own web UI with a Social button in it.

use axum::http::Method;
use reqwest::{Certificate, Url};
use tokio::net::TcpListener;
use upseed_proxy::{Addresses, Doorway, Host, LogIn, ProxyError, Script};

/// Transmission's web UI at an address, with or without the path of its web UI or its RPC. (3.00
/// and 4.x by the names of their toolbars.)
pub fn host(mut upstream: Url, trust: Option<Certificate>) -> Host {
    let path = upstream.path().trim_end_matches('/').to_owned();
    let base = path.strip_suffix("/rpc").or_else(|| path.strip_suffix("/web")).unwrap_or(&path);
    // The last part is Transmission's own (`rpc-url`), what is before that of the server around it.
    let (around, own) = match base.rsplit_once('/') {
        Some((around, own)) if !own.is_empty() => (around, own),
        _ => ("", "transmission"),
    };
    let rpc = format!("/{own}/rpc");
    upstream.set_path(&format!("{around}/"));
    Host {
        name: "Transmission",
        upstream,
        marks: &["id=\"toolbar\"", "id=\"mainwin-toolbar\""],
        script: Script { path: "/upseed-button.js", text: include_str!("button.js") },
        // Without the session's id it answers 409 to whoever is logged in, and does nothing.
        log_in: LogIn {
            method: Method::POST,
            path: rpc,
            yes: &[200, 409],
            realm: Some("Transmission"),
        },
        trust,
    }
}

/// Serves Transmission's web UI with the button until `stop` completes.
///
/// Transmission cannot say whether it asks for a password, and asks nobody on its own machine if
/// it does not: the proxy finds out, and lets nobody from elsewhere in then.
pub async fn serve(
    listener: TcpListener,
    upstream: Url,
    trust: Option<Certificate>,
    doorway: Doorway,
    addresses: Addresses,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ProxyError> {
    upseed_proxy::serve(listener, host(upstream, trust), doorway, addresses, stop).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_give_them() {
        for (given, upstream, rpc) in [
            ("http://nas:9091", "http://nas:9091/", "/transmission/rpc"),
            ("http://nas:9091/", "http://nas:9091/", "/transmission/rpc"),
            ("http://nas:9091/transmission", "http://nas:9091/", "/transmission/rpc"),
            ("http://nas:9091/transmission/web/", "http://nas:9091/", "/transmission/rpc"),
            ("http://nas:9091/transmission/rpc", "http://nas:9091/", "/transmission/rpc"),
            ("http://nas:9091/own/rpc", "http://nas:9091/", "/own/rpc"),
            ("https://nas/tr/transmission/rpc", "https://nas/tr/", "/transmission/rpc"),
        ] {
            let host = host(given.parse().unwrap(), None);
            assert_eq!(host.upstream.as_str(), upstream, "{given}");
            assert_eq!(host.log_in.path, rpc, "{given}");
        }
    }
}
