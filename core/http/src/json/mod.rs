//! The routes below `/upseed/api/v1/`.

mod boards;
mod events;
mod identity;
mod items;
mod lists;
mod node;
mod people;
mod torrents;
mod votes;
mod writing;

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::Server;

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/status", get(node::status))
        .route("/top", get(lists::top))
        .route("/search", get(lists::search))
        .route("/inbox", get(lists::inbox))
        .route("/thread", get(items::thread))
        .route("/item", get(items::item))
        .route("/why", get(items::why))
        .route("/posts", post(writing::post))
        .route("/comments", post(writing::comment))
        .route("/votes", post(votes::votes))
        .route("/boards", get(boards::boards).post(boards::join))
        .route("/boards/{board}/leave", post(boards::leave))
        .route("/follows", get(people::follows).post(people::follow))
        .route("/mutes", get(people::mutes).post(people::mute))
        .route("/torrents", post(torrents::import))
        .route("/torrents/{id}", get(torrents::export))
        .route("/identity", get(identity::identity))
        .route("/identity/restore", post(identity::restore))
        .route("/events", get(events::events))
        .route("/links", post(node::link))
        .route("/feed", post(node::feed))
        .route("/stop", post(node::stop))
}
