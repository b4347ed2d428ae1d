//! The pages that are read.

use std::collections::HashMap;

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use upseed_model::{
    BoardName, Infohash,
    magnet::Magnet,
    rank::{Sort, Window},
};
use upseed_store::{ItemRow, TopQuery};
use upseed_view::{
    FeedOf, ListQuery,
    boards::{self, BoardsPage},
    composer::{self, Composer, To},
    front::{self, FrontPage, Tried},
    inbox::{self, InboxPage},
    markdown,
    search::{self, Hit, SearchPage},
    thread::{self, MAX_DEPTH, Reply, ThreadView},
    welcome, why,
};

use super::{
    reader::{INBOX_READ, Loaded, Reader, Refused, html},
    values::{Eyes, one},
};
use crate::{Node, NodeError, Reference, clock::now};

pub(super) type Page = Result<Response, Response>;

/// Posts on one page, and comments in one piece of a thread.
const LIST: u32 = 30;
const PIECE: usize = 60;

/// How deep lists can be leafed through.
const MAX_SKIP: u32 = 1_000;

/// Comments of one thread that are looked at.
const MAX_COMMENTS: u32 = 10_000;

/// Bytes of a text in which the words are looked for that were found.
const MAX_SNIPPED: usize = 8_192;

/// Whom to follow, for those who follow nobody.
const SUGGESTIONS: usize = 5;

#[derive(Deserialize, Default)]
pub(super) struct ListParams {
    sort: Option<Sort>,
    window: Option<Window>,
    #[serde(default)]
    hidden: Option<u8>,
    after: Option<u32>,
}

pub(super) async fn front(reader: Reader, Query(params): Query<ListParams>) -> Page {
    list(reader, None, params).await
}

pub(super) async fn board(
    reader: Reader,
    Path(board): Path<BoardName>,
    Query(params): Query<ListParams>,
) -> Page {
    list(reader, Some(board), params).await
}

async fn list(reader: Reader, board: Option<BoardName>, params: ListParams) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let skip = params.after.unwrap_or(0).min(MAX_SKIP);
    let query = ListQuery {
        board,
        sort: params.sort.unwrap_or(Sort::Top),
        window: params.window.unwrap_or(Window::Day),
        after: None,
        hidden: params.hidden == Some(1),
    };
    let boards = board.map_or_else(|| page.joined().to_vec(), |board| vec![board]);
    let wanted = query.clone();
    let found = page.node().blocking(move |node| {
        if boards.is_empty() {
            return Ok((Vec::new(), Vec::new(), false));
        }
        let rows = node.inner.store.top(&TopQuery {
            boards,
            window: if wanted.sort == Sort::Top { wanted.window } else { Window::All },
            sort: wanted.sort,
            limit: skip + LIST + 1,
            now: now(),
            hidden: wanted.hidden,
            texts: true,
        })?;
        let mut rows: Vec<ItemRow> = rows.into_iter().skip(skip as usize).collect();
        let more = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let mut eyes = Eyes::open(node)?;
        let mut suggestions = Vec::new();
        if eyes.follows_nobody() {
            for row in rows.iter().filter(|row| !row.mine) {
                let person = eyes.person(row.item.author())?;
                if suggestions.len() < SUGGESTIONS && !suggestions.contains(&person) {
                    suggestions.push(person);
                }
            }
        }
        rows.iter().for_each(|row| node.inner.looked_at.shown(row.item.infohash()));
        Ok((eyes.items(rows)?, suggestions, more))
    });
    let (items, suggestions, more) = found.await.map_err(|error| refused(page.node(), &error))?;
    let joined = board.is_none_or(|board| page.joined().contains(&board));
    let here = page.people.iter().filter(|(name, ..)| board.is_none_or(|board| board == *name));
    let content = FrontPage {
        items,
        first: skip + 1,
        more: more.then(|| (skip + LIST).to_string()),
        hidden: 0,
        joined,
        syncing: here.clone().find_map(|(_, _, percent)| *percent),
        suggestions,
        tried: Tried {
            dht_nodes: page.site(None, None).status.dht_nodes,
            people: here.map(|(_, people, _)| people).sum(),
            seconds: page.node().inner.started.elapsed().as_secs(),
        },
        query,
    };
    let feed = page.node().inner.sessions.feed().map(|token| {
        let query = ListQuery { after: None, ..content.query.clone() };
        page.links().feed(&FeedOf::List(query), &token)
    });
    Ok(html(front::page(&page.site(board, feed), &content)))
}

#[derive(Deserialize, Default)]
pub(super) struct After {
    after: Option<u32>,
}

pub(super) async fn thread(
    reader: Reader,
    Path(id): Path<Infohash>,
    Query(after): Query<After>,
) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let node = page.node().clone();
    let (patient, quick) = (Reference::from(id), std::time::Duration::from_millis(300));
    // What is here is shown at once; what is not is asked for, and comes by itself.
    let _ = node.read(&patient, quick).await;
    let from = after.after.unwrap_or(0) as usize;
    let content = node.blocking(move |node| thread_view(node, id, from)).await;
    let content = content.map_err(|error| refused(&node, &error))?;
    Ok(html(thread::page(&page.site(Some(content.item.board), None), &content)))
}

fn thread_view(node: &Node, id: Infohash, from: usize) -> Result<ThreadView, NodeError> {
    let store = &node.inner.store;
    let top = store.item(&id)?.ok_or(NodeError::UnknownItem(id))?;
    let mut below: HashMap<Infohash, Vec<ItemRow>> = HashMap::new();
    for row in store.thread(&top.item.work(), MAX_COMMENTS, 0)?.into_iter().map(|it| it.row) {
        if let Some(parent) = row.item.parent() {
            below.entry(parent.infohash).or_default().push(row);
        }
    }
    for answers in below.values_mut() {
        answers.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.time().cmp(&b.item.time())));
    }
    let mut eyes = Eyes::open(node)?;
    let direct = below.get(&id).map_or(0, Vec::len);
    let mut replies = Vec::new();
    // Without recursion: the next answer to show is on top of the stack.
    let mut next = from;
    while next < direct && replies.len() < PIECE {
        let mut stack = vec![(0, below[&id][next].clone())];
        next += 1;
        while let Some((depth, mut row)) = stack.pop() {
            let answers = below.get(&row.item.infohash()).map(Vec::as_slice).unwrap_or_default();
            let shown = depth + 1 < MAX_DEPTH && replies.len() < 2 * PIECE;
            let more = row.comments.saturating_sub(if shown { answers.len() as u32 } else { 0 });
            if shown {
                stack.extend(answers.iter().rev().map(|row| (depth + 1, row.clone())));
            }
            row.text = store.text(&row.item.infohash())?.and_then(|t| String::from_utf8(t).ok());
            replies.push(Reply { depth, item: eyes.item(row)?, more });
        }
    }
    let rest = direct.saturating_sub(next) as u32;
    let magnet = Magnet::of(&top.item);
    let why = eyes.why(top.votes, top.score);
    node.inner.looked_at.shown(id);
    Ok(ThreadView {
        item: eyes.item(top)?,
        why: Some(why),
        magnet: magnet.to_string(),
        can_label: false,
        can_retract: false,
        replies,
        more: (rest > 0).then(|| (rest, next.to_string())),
    })
}

pub(super) async fn why(reader: Reader, Path(id): Path<Infohash>) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let found = page.node().blocking(move |node| {
        let item = one(node, id)?.ok_or(NodeError::UnknownItem(id))?;
        let why = Eyes::open(node)?.why(item.votes, item.score);
        Ok((item, why))
    });
    let (item, parts) = found.await.map_err(|error| refused(page.node(), &error))?;
    Ok(html(why::page(&page.site(Some(item.board), None), &item, &parts)))
}

#[derive(Deserialize, Default)]
pub(super) struct WriteParams {
    board: Option<String>,
}

pub(super) async fn write(reader: Reader, Query(params): Query<WriteParams>) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let only = match page.joined() {
        [only] => Some(only.to_string()),
        _ => None,
    };
    let board = params.board.or(only).unwrap_or_default();
    let composer = Composer::new(To::Board(board));
    Ok(html(composer::page(&page.site(None, None), &composer, None)))
}

pub(super) async fn reply(reader: Reader, Path(id): Path<Infohash>) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let item = page.node().blocking(move |node| one(node, id)?.ok_or(NodeError::UnknownItem(id)));
    let item = item.await.map_err(|error| refused(page.node(), &error))?;
    let composer = Composer::new(To::Reply(id));
    Ok(html(composer::page(&page.site(Some(item.board), None), &composer, Some(&item))))
}

pub(super) async fn boards(reader: Reader) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    Ok(boards_page(&page, String::new(), None).await)
}

pub(super) async fn boards_page(page: &Loaded, typed: String, error: Option<String>) -> Response {
    let people = page.people.clone();
    let joined = page.joined().to_vec();
    let content = page.node().blocking(move |node| {
        let mut rows = Vec::new();
        for (name, people, syncing) in people {
            let newest = node.inner.store.top(&TopQuery {
                boards: vec![name],
                window: Window::All,
                sort: Sort::New,
                limit: 1,
                now: now(),
                hidden: false,
                texts: false,
            })?;
            rows.push(boards::BoardRow {
                name,
                people,
                items: node.inner.store.posts(&name)? as u32,
                newest: newest.first().map(|row| row.item.time()),
                syncing,
            });
        }
        let mut seen: Vec<_> = node.inner.store.boards_of_people()?;
        seen.retain(|(name, _)| !joined.contains(name));
        Ok(BoardsPage { joined: rows, seen, typed, error })
    });
    match content.await {
        Ok(content) => html(boards::page(&page.site(None, None), &content)),
        Err(error) => refused(page.node(), &error),
    }
}

pub(super) async fn inbox(reader: Reader) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let found = page.node().blocking(|node| {
        let store = &node.inner.store;
        let read: u64 = store.setting(INBOX_READ)?.and_then(|t| t.parse().ok()).unwrap_or(0);
        let mut eyes = Eyes::open(node)?;
        store
            .inbox(100)?
            .into_iter()
            .map(|row| {
                let unread = row.first_seen > read;
                let mut item = eyes.item(row)?;
                item.unread = unread;
                Ok(item)
            })
            .collect::<Result<Vec<_>, NodeError>>()
    });
    let replies = found.await.map_err(|error| refused(page.node(), &error))?;
    let feed = page.node().inner.sessions.feed();
    let feed = feed.map(|token| page.links().feed(&FeedOf::Inbox, &token));
    Ok(html(inbox::page(&page.site(None, feed), &InboxPage { replies, more: None })))
}

#[derive(Deserialize, Default)]
pub(super) struct SearchParams {
    #[serde(default)]
    q: String,
    board: Option<BoardName>,
    after: Option<u32>,
}

pub(super) async fn search(reader: Reader, Query(params): Query<SearchParams>) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    let skip = params.after.unwrap_or(0).min(MAX_SKIP);
    let (words, board) = (params.q.clone(), params.board);
    let found = page.node().blocking(move |node| {
        let mut rows = node.inner.store.search(&words, board.as_ref(), skip, LIST + 1)?;
        let more = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let mut eyes = Eyes::open(node)?;
        let hits = rows
            .into_iter()
            .map(|row| {
                let text = row.text.as_deref().unwrap_or_default();
                let snippet = snippet(&markdown::plain(text, MAX_SNIPPED), &words);
                Ok(Hit { item: eyes.item(row)?, snippet })
            })
            .collect::<Result<Vec<_>, NodeError>>()?;
        Ok((hits, more))
    });
    let (hits, more) = found.await.map_err(|error| refused(page.node(), &error))?;
    let more = more.then(|| (skip + LIST).to_string());
    let content = SearchPage { words: params.q, board, hits, total: None, more };
    Ok(html(search::page(&page.site(board, None), &content)))
}

/// About 200 characters around the first word that was found, the words marked.
fn snippet(text: &str, words: &str) -> Vec<(String, bool)> {
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let is_wanted = |word: &str| {
        let word = word.to_lowercase();
        wanted.iter().any(|wanted| word.contains(wanted.as_str()))
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.iter().position(|word| is_wanted(word)).unwrap_or(0);
    let from = first.saturating_sub(8);
    let mut pieces: Vec<(String, bool)> = Vec::new();
    if from > 0 {
        pieces.push(("… ".into(), false));
    }
    for word in words.iter().skip(from).take(32) {
        let (word, found) = (word.chars().take(60).collect::<String>() + " ", is_wanted(word));
        match pieces.last_mut() {
            Some((last, marked)) if *marked == found => last.push_str(&word),
            _ => pieces.push((word, found)),
        }
    }
    pieces
}

pub(super) async fn welcome(reader: Reader) -> Page {
    let page = reader.load().await.map_err(Refused::into_response)?;
    Ok(html(welcome::page(&page.site(None, None))))
}

pub(super) fn refused(node: &Node, error: &NodeError) -> Response {
    Refused::from_node(node, error).into_response()
}

pub(super) fn forged(node: &Node) -> Response {
    Refused::new(node, StatusCode::FORBIDDEN, "this form did not come from a page of this node")
        .hint("Load the page again and repeat it.")
        .into_response()
}
