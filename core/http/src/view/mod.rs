//! The view below `/upseed/`: values from the node, pages from upseed-view.

mod address;
mod assets;
mod boards;
pub(crate) mod context;
mod drafts;
mod feeds;
mod find;
mod form;
mod inbox;
mod kept;
mod key;
mod labels;
mod lists;
pub(crate) mod live;
mod me;
mod moderation;
mod open;
mod open_link;
mod outline;
mod person;
mod reader;
pub(crate) mod refusal;
mod response;
mod search;
mod seen;
pub(crate) mod share;
mod starter_rows;
mod starters;
mod thread;
mod vote;
mod welcome;
mod write;

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::Server;

/// The pages and what their forms do.
pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/upseed/open", get(open::open))
        .route("/upseed/assets/{name}", get(assets::asset))
        .route("/upseed/", get(lists::front))
        .route("/upseed/b/{board}", get(lists::board))
        .route("/upseed/t/{id}", get(thread::thread))
        .route("/upseed/why/{id}", get(thread::why))
        .route("/upseed/reply/{id}", get(write::reply))
        .route("/upseed/write", get(write::write))
        .route("/upseed/edit/{id}", get(write::edit))
        .route("/upseed/retract/{id}", get(moderation::ask))
        .route("/upseed/share/{id}", get(share::share))
        .route("/upseed/saved", get(kept::saved))
        .route("/upseed/following", get(kept::following))
        .route("/upseed/p/{key}", get(person::person))
        .route("/upseed/starter/{list}", get(starters::starter))
        .route("/upseed/boards", get(boards::boards))
        .route("/upseed/inbox", get(inbox::inbox).post(inbox::read))
        .route("/upseed/unread", get(inbox::unread))
        .route("/upseed/search", get(search::search))
        .route("/upseed/labels/{key}", get(labels::labels))
        .route("/upseed/moderation", get(moderation::moderation).post(moderation::change))
        .route("/upseed/me", get(me::me))
        .route("/upseed/welcome", get(welcome::welcome))
        .route("/upseed/rss", get(feeds::rss))
        .route("/upseed/torrent/{file}", get(feeds::torrent))
        .route("/upseed/find", get(find::matches))
        .route("/upseed/find/{file}", get(find::torrent))
        .route("/upseed/vote", post(vote::vote))
        .route("/upseed/draft", get(drafts::draft).post(drafts::keep))
        .route("/upseed/seen", post(seen::seen))
        .route("/upseed/keep", post(kept::keep))
        .route("/upseed/link", post(open_link::open))
        .route("/upseed/share", post(share::change))
        .route("/upseed/publish", post(write::publish))
        .route("/upseed/person", post(person::change))
        .route("/upseed/label", post(labels::label))
        .route("/upseed/labels", post(labels::change))
        .route("/upseed/retract", post(moderation::retract))
        .route("/upseed/starter", post(starters::change))
        .route("/upseed/board", post(boards::change))
        .route("/upseed/profile", post(me::profile))
        .route("/upseed/settings", post(me::settings))
        .route("/upseed/feed", post(me::feed))
        .route("/upseed/missing", post(me::missing))
        .route("/upseed/backup", post(key::backup))
        .route("/upseed/succeed", post(key::succeed))
        .route("/upseed/restore", post(key::restore))
}
