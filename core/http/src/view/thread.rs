//! One item and what people answered.

use std::{collections::HashMap, time::Duration};

use axum::extract::{Path, Query};
use serde::Deserialize;
use upseed_model::{Infohash, magnet::Magnet};
use upseed_node::{ItemRow, Node, NodeError, Reference};
use upseed_view::{
    ItemView,
    links::ThreadSort,
    thread::{self, Reply, ThreadView},
    why,
};

use super::{
    context::ViewContext,
    outline::piece,
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
    seen::Visited,
};

/// Comments of one thread that are looked at.
const MAX_COMMENTS: u32 = 10_000;

/// How long a page waits for a text: what is here is shown at once; what is not is asked for, and
/// comes by itself.
const QUICK: Duration = Duration::from_millis(300);

#[derive(Deserialize, Default)]
pub(super) struct ThreadQuery {
    after: Option<u32>,
    #[serde(default)]
    sort: ThreadSort,
}

pub(super) async fn thread(
    reader: Reader,
    Path(id): Path<Infohash>,
    Query(query): Query<ThreadQuery>,
) -> PageResult {
    let page = reader.load().await?;
    let read = page.node().read(&Reference::from(id), QUICK).await;
    // Of a second signature over the same item this is not the page.
    let top = read.ok().filter(|row| row.item.infohash() == id);
    let (from, sort) = (query.after.unwrap_or(0) as usize, query.sort);
    let content = page.node().blocking(move |node| {
        let top = match top {
            Some(top) => top,
            None => node.item(&id)?.ok_or(NodeError::UnknownItem(id))?,
        };
        content(node, top, sort, from)
    });
    let content = content.await.map_err(refused)?;
    let mut site = page.site(Some(content.item.board), None);
    site.visited = Some(Visited::Thread(content.item.id).name());
    Ok(html(thread::page(&site, &content)))
}

/// Each text of the piece that is shown is read once, and no other.
fn content(
    node: &Node,
    top: ItemRow,
    sort: ThreadSort,
    from: usize,
) -> Result<ThreadView, NodeError> {
    let mut context = ViewContext::open(node)?;
    let (id, magnet) = (top.item.infohash(), Magnet::of(&top.item).to_string());
    let why = context.why(&top.item.work())?;
    let piece = piece(&node.outline(&top.item.work(), MAX_COMMENTS)?, sort, from);
    let item = context.item(top)?;
    let draft = node.view_settings().draft(&format!("reply/{id}"))?.unwrap_or_default().text;
    let seen = Visited::Thread(id).before(node)?;
    let numbers: Vec<u64> = piece.shown.iter().map(|shown| shown.number).collect();
    let mut rows: HashMap<u64, ItemRow> = node.numbered(&numbers)?.into_iter().collect();
    let (mut places, mut below) = (Vec::new(), Vec::new());
    for shown in piece.shown {
        if let Some(row) = rows.remove(&shown.number) {
            places.push((shown, row.first_seen > seen && !row.mine));
            below.push(row);
        }
    }
    let replies = places.into_iter().zip(context.items(below)?);
    let replies = replies.map(|((shown, unread), item)| Reply {
        depth: shown.depth,
        below: shown.below,
        more: shown.more,
        item: ItemView { unread, ..item },
    });
    let replies = replies.collect();
    node.shown(id);
    Ok(ThreadView {
        item,
        why,
        magnet,
        draft,
        can_label: true,
        replies,
        total: piece.total,
        sort,
        more: piece.rest.map(|(next, left)| (left, next.to_string())),
    })
}

pub(super) async fn why(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let found = page.node().blocking(move |node| {
        let row = node.item(&id)?.ok_or(NodeError::UnknownItem(id))?;
        let mut context = ViewContext::open(node)?;
        let why = context.why(&row.item.work())?;
        let why = why.ok_or(NodeError::Loading)?;
        Ok((context.item(row)?, why))
    });
    let (item, parts) = found.await.map_err(refused)?;
    Ok(html(why::page(&page.site(Some(item.board), None), &item, &parts)))
}
