//! For the search plugin of a client: what matches, and its .torrents.
//!
//! The plugin cannot log in, so both take the feeds' read-only token. Neither is a vote. That the
//! user asked for a .torrent here is kept in mind for some minutes; when the torrent then appears
//! in the user's client, the two together are the vote.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use upseed_model::{
    Infohash,
    rank::{Sort, Window},
};
use upseed_node::{Node, TopQuery, now};
use upseed_serve::Reached;

use super::feeds::{refused, torrent_file};
use crate::{
    access::{Access, links},
    error::HttpError,
    server::Server,
};

/// Matches at most: what fits a table that people read.
const MATCHES: u32 = 200;

#[derive(Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    q: String,
    #[serde(default)]
    feed: String,
}

/// One match, in the words of qBittorrent's search plugins (nova3).
#[derive(Serialize)]
pub(super) struct Match {
    link: String,
    name: String,
    /// Bytes.
    size: u32,
    /// Hosts seen; -1 while nobody was asked.
    seeds: i64,
    desc_link: String,
    /// Unix seconds.
    pub_date: u64,
}

/// What matches; the week's top for no words.
pub(super) async fn matches(
    State(server): State<Server>,
    Extension(access): Extension<Access>,
    Extension(reached): Extension<Reached>,
    Query(params): Query<Params>,
) -> Result<Json<Vec<Match>>, HttpError> {
    if access != Access::Feed {
        return Err(refused());
    }
    let words = params.q.trim().trim_matches('*').to_owned();
    let find = move |node: &Node| {
        if !words.is_empty() {
            return node.search(&words, None, 0, MATCHES);
        }
        node.top(&TopQuery {
            boards: node.joined()?,
            window: Window::Week,
            sort: Sort::Top,
            limit: MATCHES,
            now: now(),
            hidden: false,
            texts: false,
            known: None,
        })
    };
    let (origin, links) = (reached.origin(), links(&reached));
    let found = server.node().blocking(move |node| {
        let mut matches = Vec::new();
        for row in find(node)?.into_iter().filter(|row| !row.dead) {
            let id = row.item.infohash();
            let title = match row.item.root() {
                None => row.item.title().unwrap_or_default().to_owned(),
                Some(root) => {
                    let post = node.header(&root.infohash)?;
                    let title = post.and_then(|item| item.title().map(str::to_owned));
                    format!("Re: {}", title.as_deref().unwrap_or("a post that is not known here"))
                }
            };
            let votes =
                if row.votes == 1 { "1 vote".into() } else { format!("{} votes", row.votes) };
            matches.push(Match {
                link: format!("{origin}{}", links.found_torrent(&id, &params.feed)),
                name: format!("{title} ({}, {votes})", row.item.board()),
                size: row.item.length(),
                seeds: row.seeds.map_or(-1, i64::from),
                desc_link: format!("{origin}{}", links.item(&id)),
                pub_date: row.item.time(),
            });
        }
        Ok(matches)
    });
    Ok(Json(found.await?))
}

/// The .torrent of a match, and that the user asked for it.
pub(super) async fn torrent(
    State(server): State<Server>,
    Extension(access): Extension<Access>,
    Path(file): Path<String>,
) -> Result<Response, HttpError> {
    if access != Access::Feed {
        return Err(refused());
    }
    let id: Option<Infohash> = file.strip_suffix(".torrent").and_then(|id| id.parse().ok());
    let id = id.ok_or_else(HttpError::not_found)?;
    let file = torrent_file(server.node(), id).await?;
    server.node().asked_for(id).await?;
    Ok(file)
}
