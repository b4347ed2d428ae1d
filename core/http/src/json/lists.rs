//! Lists of items.

use axum::{Json, extract::State};
use upseed_api::{BoardPosts, BoardPostsQuery, Item, SearchQuery, TopQuery};
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_node::{NodeError, now};

use crate::{
    error::ApiResult,
    extract::{InPath, InQuery},
    moderation,
    server::Server,
};

/// Items in one list at most.
const MAX_LIST: u32 = 1_000;

pub(super) async fn top(
    State(server): State<Server>,
    InQuery(query): InQuery<TopQuery>,
) -> ApiResult<Vec<Item>> {
    let rows = server.node().blocking(move |node| {
        let mut boards = node.joined()?;
        if let Some(board) = query.board {
            boards.retain(|name| *name == board);
            if boards.is_empty() {
                return Err(NodeError::NotJoined(board));
            }
        }
        let limit = query.limit.unwrap_or(50).min(MAX_LIST);
        let skip = query.skip.min(MAX_LIST);
        let mut rows = node.top(&upseed_node::TopQuery {
            boards,
            window: query.window.unwrap_or(Window::Day),
            sort: query.sort.unwrap_or(Sort::Top),
            limit: limit + skip,
            now: now(),
            hidden: false,
            texts: true,
            known: None,
        })?;
        rows.drain(..rows.len().min(skip as usize));
        rows.iter().for_each(|row| node.shown(row.item.infohash()));
        moderation::items(node, rows)
    });
    Ok(Json(rows.await?))
}

/// Posts of one board that are listed at once.
const MAX_POSTS: u32 = 100_000;

pub(super) async fn posts(
    State(server): State<Server>,
    InPath(board): InPath<BoardName>,
    InQuery(BoardPostsQuery { since }): InQuery<BoardPostsQuery>,
) -> ApiResult<BoardPosts> {
    let posts = server.node().blocking(move |node| {
        if !node.joined()?.contains(&board) {
            return Err(NodeError::NotJoined(board));
        }
        node.posts_of(&board, since, MAX_POSTS + 1)
    });
    let mut posts = posts.await?;
    let is_cut = posts.len() > MAX_POSTS as usize;
    posts.truncate(MAX_POSTS as usize);
    Ok(Json(BoardPosts { posts, is_cut }))
}

pub(super) async fn search(
    State(server): State<Server>,
    InQuery(query): InQuery<SearchQuery>,
) -> ApiResult<Vec<Item>> {
    let limit = query.limit.unwrap_or(25).min(MAX_LIST);
    let rows = server.node().blocking(move |node| {
        let rows = node.search(&query.q, query.board.as_ref(), 0, limit)?;
        moderation::items(node, rows)
    });
    Ok(Json(rows.await?))
}

pub(super) async fn inbox(State(server): State<Server>) -> ApiResult<Vec<Item>> {
    let rows = server.node().blocking(|node| moderation::items(node, node.inbox()?));
    Ok(Json(rows.await?))
}
