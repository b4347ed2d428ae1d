//! HTTP on loopback: the JSON API below `/upseed/api/v1/`, with server-sent events.

mod answer;
mod events;
mod guard;
mod json;
mod routes;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use crate::Node;

pub use json::{ItemJson, ReplyJson};

/// Largest request body: a text of 64 KiB, escaped as JSON at worst six-fold.
const MAX_BODY: usize = 512 << 10;

/// Answers requests until the node stops.
pub(crate) async fn serve(node: Node, listener: TcpListener, token: Zeroizing<String>) {
    let guard = guard::Guard::new(token, node.inner.hosts.clone(), node.address());
    let app = Router::new()
        .nest("/upseed/api/v1", routes::router())
        .fallback(async || answer::ApiError::not_found())
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(node.clone());
    let stopping = node.clone();
    let served =
        axum::serve(listener, app).with_graceful_shutdown(async move { stopping.stopped().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the API ended");
    }
}
