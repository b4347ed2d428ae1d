//! Transmission's own web UI with a Social button in it.

use axum::http::Method;
use reqwest::Url;
use tokio::net::TcpListener;
use upseed_proxy::{Doorway, Host, LogIn, ProxyError, Script};

/// Transmission's web UI at an address, which is that of the server: the paths below it begin with
/// `/transmission/`. (3.00 and 4.x by the names of their toolbars.)
pub fn host(upstream: Url) -> Host {
    Host {
        name: "Transmission",
        upstream,
        marks: &["id=\"toolbar\"", "id=\"mainwin-toolbar\""],
        script: Script { path: "/upseed-button.js", text: include_str!("button.js") },
        // Without the session's id it answers 409 to whoever is logged in, and does nothing.
        log_in: LogIn {
            method: Method::POST,
            path: "/transmission/rpc",
            yes: &[200, 409],
            realm: Some("Transmission"),
        },
        trust: None,
    }
}

/// Serves Transmission's web UI with the button until `stop` completes.
///
/// Transmission cannot say whether it asks for a password, and asks nobody on its own machine if
/// it does not: the proxy finds out, and lets nobody from elsewhere in then.
pub async fn serve(
    listener: TcpListener,
    upstream: Url,
    doorway: Doorway,
    hosts: &[String],
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ProxyError> {
    upseed_proxy::serve(listener, host(upstream), doorway, hosts, stop).await
}
