//! HTTP on loopback: the JSON API below `/upseed/api/v1/`, the view below `/upseed/`.

pub(crate) mod answer;
mod frames;
mod guard;
mod session;

use axum::{Router, middleware, response::Redirect, routing::get};
use tokio::net::TcpListener;
use upseed_serve::Limits;
use zeroize::Zeroizing;

use crate::{Node, NodeError, api, web};

pub(crate) use frames::{FrameToken, Frames};
pub(crate) use guard::{Access, cookie_name, same};
pub(crate) use session::Sessions;
pub use session::feed_token;

/// Largest request body: a text of 64 KiB, escaped as JSON or as a form at worst six-fold.
const MAX_BODY: usize = 512 << 10;

/// Answers requests until the node stops.
pub(crate) async fn serve(node: Node, listener: TcpListener, token: Zeroizing<String>) {
    let guard = guard::Guard::new(token, &node);
    let app = Router::new()
        .route("/", get(async || Redirect::to("/upseed/")))
        .nest("/upseed/api/v1", api::router().layer(middleware::from_fn(guard::api)))
        .merge(web::router())
        .fallback(async || answer::ApiError::not_found())
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(node.clone());
    upseed_serve::serve(listener, app, Limits::default(), node.stopped()).await;
}

impl Node {
    /// A link that opens the view once: it is good for ten minutes and for one browser.
    pub fn one_time_link(&self) -> Result<String, NodeError> {
        let ticket = self.inner.sessions.ticket(crate::now())?;
        Ok(format!("http://{}/upseed/open?ticket={}", self.address(), &*ticket))
    }
}
