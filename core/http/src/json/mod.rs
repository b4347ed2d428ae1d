//! The routes below `/upseed/api/v1/`.

mod boards;
mod bundles;
mod events;
mod identity;
mod items;
mod lists;
mod moderation;
mod node;
mod people;
mod removals;
mod share;
mod starters;
mod torrents;
mod votes;
mod writing;

use axum::{
    Router,
    extract::DefaultBodyLimit,
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
        .route("/share", get(share::share))
        .route("/posts", post(writing::post))
        .route("/comments", post(writing::comment))
        .route("/votes", post(votes::votes))
        .route("/boards", get(boards::boards).post(boards::join))
        .route("/boards/{board}/leave", post(boards::leave))
        .route("/people", post(people::people))
        .route("/profile", get(people::profile).post(people::say))
        .route("/follows", get(people::follows).post(people::follow))
        .route("/starters", get(starters::starters).post(starters::publish))
        .route("/starters/withdraw", post(starters::withdraw))
        .route("/starters/follow", post(starters::follow))
        .route("/mutes", get(people::mutes).post(people::mute))
        .route("/labels", get(moderation::labels).post(moderation::label))
        .route("/moderators", get(moderation::moderators))
        .route("/subscriptions", get(moderation::subscriptions).post(moderation::subscribe))
        .route("/subscriptions/preview", post(moderation::preview))
        .route("/subscriptions/end", post(moderation::unsubscribe))
        .route("/subscriptions/log", get(moderation::log))
        .route("/subscriptions/undo", post(moderation::undo))
        .route("/exceptions", get(moderation::exceptions).post(moderation::except))
        .route("/hidden", get(moderation::hidden).post(moderation::hide))
        .route("/removals", get(removals::removals).post(removals::decide))
        .route("/retractions", get(moderation::retracted).post(moderation::retract))
        .route("/retractions/keep", post(moderation::keep))
        .route(
            "/retractions/default",
            get(moderation::retraction_default).post(moderation::set_retraction_default),
        )
        .route("/boards/{board}/posts", get(lists::posts))
        .route("/boards/{board}/bundle", get(bundles::part))
        .route("/bundles", post(bundles::import).layer(DefaultBodyLimit::max(bundles::MAX_BODY)))
        .route("/torrents", post(torrents::import))
        .route("/torrents/{id}", get(torrents::export))
        .route("/identity", get(identity::identity))
        .route("/identity/succeed", post(identity::succeed))
        .route("/succession", get(identity::succession))
        .route("/identity/restore", post(identity::restore))
        .route("/events", get(events::events))
        .route("/links", post(node::link))
        .route("/feed", post(node::feed))
        .route("/stop", post(node::stop))
}
