//! Lists of posts.

use axum::extract::{Path, Query};
use serde::Deserialize;
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_node::{ItemRow, Node, NodeError, TopQuery, now};
use upseed_view::{
    FeedOf, ItemView, ListQuery,
    front::{self, FrontPage, Tried, Unknown},
    moderators::ModeratorRow,
};

use super::{
    context::ViewContext,
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
    seen::Visited,
    starter_rows,
};

/// Posts on one page.
const LIST: u32 = 30;

/// Posts of unknown people that are counted; beyond that the number is of no use to anybody.
const COUNTED: u32 = 10_000;

/// How deep lists can be leafed through.
const MAX_SKIP: u32 = 1_000;

/// Whom to follow, for those who follow nobody.
const SUGGESTIONS: usize = 5;

/// What the reader chose.
#[derive(Deserialize, Default)]
pub(super) struct Choice {
    sort: Option<Sort>,
    window: Option<Window>,
    #[serde(default)]
    hidden: Option<u8>,
    #[serde(default)]
    followed: Option<u8>,
    after: Option<u32>,
}

pub(super) async fn front(reader: Reader, Query(choice): Query<Choice>) -> PageResult {
    list(reader, None, choice).await
}

pub(super) async fn board(
    reader: Reader,
    Path(board): Path<BoardName>,
    Query(choice): Query<Choice>,
) -> PageResult {
    list(reader, Some(board), choice).await
}

async fn list(reader: Reader, board: Option<BoardName>, choice: Choice) -> PageResult {
    let page = reader.load().await?;
    let skip = choice.after.unwrap_or(0).min(MAX_SKIP);
    let query = ListQuery {
        board,
        sort: choice.sort.unwrap_or(Sort::Top),
        window: choice.window.unwrap_or(Window::Day),
        after: None,
        hidden: choice.hidden == Some(1),
        followed: choice.followed == Some(1),
    };
    let boards = board.map_or_else(|| page.joined().to_vec(), |board| vec![board]);
    let wanted = query.clone();
    let found = page.node().blocking(move |node| {
        let mut context = ViewContext::open(node)?;
        let follows_nobody = node.follows_nobody();
        let fold = wanted.sort == Sort::New && !follows_nobody && !wanted.followed;
        let mut query = TopQuery {
            boards,
            window: if wanted.sort == Sort::Top { wanted.window } else { Window::All },
            sort: wanted.sort,
            limit: skip + LIST + 1,
            now: now(),
            hidden: wanted.hidden,
            texts: true,
            known: fold.then_some(true),
        };
        let mut rows: Vec<ItemRow> = match () {
            () if wanted.followed => node.followed_posts(board.as_ref(), skip, LIST + 1)?,
            // No board at all would mean every one.
            () if query.boards.is_empty() => Vec::new(),
            () => node.top(&query)?.into_iter().skip(skip as usize).collect(),
        };
        let more = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let mut suggestions = Vec::new();
        if follows_nobody {
            for row in rows.iter().filter(|row| !row.mine) {
                let person = context.person(row.item.author())?;
                if suggestions.len() < SUGGESTIONS && !suggestions.contains(&person) {
                    suggestions.push(person);
                }
            }
        }
        let starters = match skip {
            0 if !query.boards.is_empty() => {
                starter_rows::offered(node, &mut context, board, SUGGESTIONS)?
            }
            _ => Vec::new(),
        };
        let moderators = match board {
            Some(board) if skip == 0 => moderators(node, &mut context, &board)?,
            _ => Vec::new(),
        };
        rows.iter().for_each(|row| node.shown(row.item.infohash()));
        let unknown = if fold && skip == 0 && !query.boards.is_empty() {
            query.known = Some(false);
            let count = node.count_unknown(&query.boards, COUNTED + 1)?;
            (query.limit, query.texts) = (LIST, false);
            let items = context.items(node.top(&query)?)?;
            let is_more = count > COUNTED;
            (count > 0).then_some(Unknown { count: count.min(COUNTED), is_more, items })
        } else {
            None
        };
        let whom = (follows_nobody, starters, suggestions, moderators);
        let visited = board.map_or(Visited::Front, Visited::Board);
        let seen = visited.before(node)?;
        let news: Vec<bool> = rows.iter().map(|row| row.first_seen > seen && !row.mine).collect();
        let items = context.items(rows)?.into_iter().zip(news);
        let items = items.map(|(item, unread)| ItemView { unread, ..item }).collect();
        Ok((items, whom, more, unknown))
    });
    let (items, whom, more, unknown) = found.await.map_err(refused)?;
    let (follows_nobody, starters, suggestions, moderators) = whom;
    let joined = board.is_none_or(|board| page.joined().contains(&board));
    let here = page.people().filter(|(name, ..)| board.is_none_or(|board| board == *name));
    let content = FrontPage {
        items,
        first: skip + 1,
        more: more.then(|| (skip + LIST).to_string()),
        unknown,
        is_stale: !page.status().is_scored,
        hidden: 0,
        joined,
        syncing: here.clone().find_map(|(_, _, percent)| percent),
        starters,
        follows_nobody,
        suggestions,
        moderators,
        tried: Tried {
            dht_nodes: page.status().dht_nodes,
            people: here.map(|(_, people, _)| people).sum(),
            seconds: page.node().uptime().as_secs(),
        },
        query,
    };
    let feed = page.server().sessions().feed().filter(|_| !content.query.followed).map(|token| {
        let query = ListQuery { after: None, ..content.query.clone() };
        page.links().feed(&FeedOf::List(query), &token)
    });
    let mut site = page.site(board, feed);
    site.visited = Some(board.map_or(Visited::Front, Visited::Board).name());
    Ok(html(front::page(&site, &content)))
}

fn moderators(
    node: &Node,
    context: &mut ViewContext<'_>,
    board: &BoardName,
) -> Result<Vec<ModeratorRow>, NodeError> {
    let found = node.moderators(board)?.into_iter();
    found
        .map(|row| {
            let (through, follows) = (row.through, row.follows);
            Ok(ModeratorRow { person: context.person(row.key)?, through, follows })
        })
        .collect()
}
