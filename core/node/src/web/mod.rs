//! The view below `/upseed/`: values from the node, pages from upseed-view.

mod door;
mod feeds;
mod forms;
mod live;
mod pages;
mod people;
mod reader;
mod values;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Node;

pub(crate) use live::{ViewEvent, view_event, view_item, view_status};
pub(crate) use reader::locked_out;

/// The pages and what their forms do. A GET never changes anything.
pub(crate) fn router() -> Router<Node> {
    Router::new()
        .route("/upseed/open", get(door::open))
        .route("/upseed/assets/{name}", get(door::asset))
        .route("/upseed/", get(pages::front))
        .route("/upseed/b/{board}", get(pages::board))
        .route("/upseed/t/{id}", get(pages::thread))
        .route("/upseed/why/{id}", get(pages::why))
        .route("/upseed/reply/{id}", get(pages::reply))
        .route("/upseed/write", get(pages::write))
        .route("/upseed/p/{key}", get(people::person))
        .route("/upseed/boards", get(pages::boards))
        .route("/upseed/inbox", get(pages::inbox))
        .route("/upseed/search", get(pages::search))
        .route("/upseed/me", get(people::me))
        .route("/upseed/welcome", get(pages::welcome))
        .route("/upseed/rss", get(feeds::rss))
        .route("/upseed/torrent/{file}", get(feeds::torrent))
        .route("/upseed/vote", post(forms::vote))
        .route("/upseed/publish", post(forms::publish))
        .route("/upseed/person", post(forms::person))
        .route("/upseed/board", post(forms::board))
        .route("/upseed/inbox", post(forms::inbox))
        .route("/upseed/profile", post(forms::profile))
        .route("/upseed/settings", post(forms::settings))
        .route("/upseed/backup", post(people::backup))
        .route("/upseed/restore", post(forms::restore))
        .route("/upseed/feed", post(forms::feed))
}
