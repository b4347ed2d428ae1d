//! RSS, and the .torrents that feeds name. Both are for programs that cannot log in: a read-only
//! token in the address opens them and nothing else.

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use upseed_model::{
    BoardName, Infohash,
    rank::{Sort, Window},
    torrent,
};
use upseed_node::{Node, NodeError, TopQuery, now};
use upseed_serve::Reached;
use upseed_view::{
    FeedOf, Links, ListQuery, Strings,
    feed::{self, Feed, FeedItem},
};

use super::context::ViewContext;
use crate::{
    access::{Access, links},
    error::HttpError,
    server::Server,
};

/// Items in one feed.
const ITEMS: u32 = 50;

#[derive(Deserialize)]
pub(super) struct Params {
    board: Option<BoardName>,
    sort: Option<Sort>,
    window: Option<Window>,
    person: Option<String>,
    inbox: Option<u8>,
    #[serde(default)]
    hidden: Option<u8>,
}

pub(super) fn refused() -> HttpError {
    HttpError::new(StatusCode::UNAUTHORIZED, "this feed's address is not valid any more")
        .hint("Make a new one on your own page of the view.")
}

pub(super) async fn rss(
    State(server): State<Server>,
    Extension(access): Extension<Access>,
    Extension(reached): Extension<Reached>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let Some(token) = server.sessions().feed().filter(|_| access != Access::Nobody) else {
        return Err(refused());
    };
    let (origin, links) = (reached.origin(), links(&reached));
    let (of, title, page) = describe(&links, &params)?;
    let xml = server.node().blocking(move |node| {
        let rows = match of {
            FeedOf::Inbox => node.inbox()?.into_iter().take(ITEMS as usize).collect(),
            FeedOf::Person(key) => node.written_by(&key, u64::MAX, ITEMS)?,
            FeedOf::List(list) => node.top(&TopQuery {
                boards: match list.board {
                    Some(board) => vec![board],
                    None => node.joined()?,
                },
                window: if list.sort == Sort::Top { list.window } else { Window::All },
                sort: list.sort,
                limit: ITEMS,
                now: now(),
                hidden: list.hidden,
                texts: true,
                known: None,
            })?,
        };
        let sizes: Vec<u64> = rows
            .iter()
            .map(|row| {
                let trackers = node.trackers(&row.item)?;
                Ok(torrent::write(&row.item, row.text.as_deref(), &trackers).len() as u64)
            })
            .collect::<Result<_, NodeError>>()?;
        let items = ViewContext::open(node)?.items(rows)?;
        let items: Vec<FeedItem<'_>> = items
            .iter()
            .zip(sizes)
            .map(|(item, torrent_bytes)| FeedItem { item, torrent_bytes })
            .collect();
        let frame = Feed { origin: &origin, title: &title, page: &page, token: &token };
        Ok(feed::feed(&frame, &items, &links, Strings::english()))
    });
    let xml = xml.await?;
    let tag = etag(&xml);
    if has_it(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let kind = "application/rss+xml; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::ETAG, tag)], xml).into_response())
}

/// What names these bytes (RFC 9110, 8.8.3).
fn etag(body: &str) -> String {
    let hash = Sha256::digest(body);
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Whether the reader has this already (RFC 9110, 13.1.2): feed readers ask every few minutes.
fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn describe(links: &Links, params: &Params) -> Result<(FeedOf, String, String), HttpError> {
    if params.inbox == Some(1) {
        return Ok((FeedOf::Inbox, "inbox".into(), links.inbox(None)));
    }
    if let Some(person) = &params.person {
        let key = Links::parse_person(person);
        let key = key.ok_or_else(|| HttpError::new(StatusCode::BAD_REQUEST, "nobody's key"))?;
        return Ok((FeedOf::Person(key), key.to_string(), links.person(&key)));
    }
    let list = ListQuery {
        board: params.board,
        sort: params.sort.unwrap_or(Sort::Top),
        window: params.window.unwrap_or(Window::Day),
        after: None,
        hidden: params.hidden == Some(1),
        followed: false,
    };
    let board = list.board.map_or_else(|| "all boards".into(), |board| board.to_string());
    let page = links.list(&list);
    Ok((FeedOf::List(list.clone()), format!("{board}: {}, {}", list.sort, list.window), page))
}

pub(super) async fn torrent(
    State(server): State<Server>,
    Extension(access): Extension<Access>,
    Path(file): Path<String>,
) -> Result<Response, HttpError> {
    if access == Access::Nobody {
        return Err(refused());
    }
    let id: Option<Infohash> = file.strip_suffix(".torrent").and_then(|id| id.parse().ok());
    let id = id.ok_or_else(HttpError::not_found)?;
    torrent_file(server.node(), id).await
}

/// An item's .torrent as an answer.
pub(super) async fn torrent_file(node: &Node, id: Infohash) -> Result<Response, HttpError> {
    let bytes = node.export(id).await?;
    let name = format!("attachment; filename=\"{id}.torrent\"");
    Ok((
        [
            (header::CONTENT_TYPE, "application/x-bittorrent".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_is_the_same_is_not_sent_again() {
        let tag = etag("a feed");
        assert!(tag != etag("another") && tag.starts_with('"') && tag.ends_with('"'));
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            headers
        };
        for same in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
            assert!(has_it(&with(&same), &tag), "{same}");
        }
        assert!(!has_it(&with("\"x\""), &tag));
        assert!(!has_it(&HeaderMap::new(), &tag));
    }
}
