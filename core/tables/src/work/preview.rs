//! What a subscription would do, told before one subscribes.
//!
//! Not by looking up each label's item: a labeller may have a hundred thousand labels, of items that
//! lie anywhere in the file. The posts of the window come out of one index in one go, and are compared
//! in memory by the first 8 bytes of their work ids; only those that match are looked at.

use std::collections::HashSet;

use rusqlite::Connection;
use upseed_model::{
    BoardName,
    moderation::{LabelAction, LabelActions},
};

use super::{names::known_board, placement::tie, target::Target};
use crate::values::{
    error::StoreError,
    moderation::{Preview, PreviewCounts},
    number::int,
};

/// A post of the window.
#[derive(Debug, Clone, Copy)]
struct Post {
    tie: i64,
    item: i64,
    hidden: bool,
    action: LabelAction,
}

/// What a labeller says, as far as it would act; both lists ascend, and have each target once.
#[derive(Default)]
struct Labels {
    count: u64,
    items: Vec<([u8; 32], LabelAction)>,
    people: Vec<(i64, LabelAction)>,
}

/// On which posts of these boards since that moment a subscription to this person's labels would act.
/// `followed`: numbers of the keys that the user follows.
pub fn preview(
    db: &Connection,
    labeller: i64,
    actions: &LabelActions,
    boards: &[BoardName],
    since: u64,
    followed: &HashSet<i64>,
) -> Result<Preview, StoreError> {
    let (labels, mut posts) = (labels(db, labeller, actions)?, posts(db, boards, since)?);
    posts.sort_unstable_by_key(|post| post.tie);
    label_items(db, &mut posts, &labels.items)?;
    posts.sort_unstable_by_key(|post| post.item);
    label_people(db, &mut posts, &labels.people, since)?;

    let (exempt, hosted) = (exempt(db, since)?, hosted(db)?);
    let by_followed = by_authors(db, followed, since)?;
    let mut preview = Preview { labels: labels.count, ..Preview::default() };
    for Post { item, hidden, action, .. } in posts {
        let counts = match action {
            LabelAction::Ignore => continue,
            LabelAction::Mark => &mut preview.mark,
            LabelAction::Fold => &mut preview.fold,
            LabelAction::Hide => &mut preview.hide,
        };
        if exempt.contains(&item) {
            continue;
        }
        let PreviewCounts { posts, hidden: already, followed, hosted: by_me } = counts;
        *posts += 1;
        *already += u64::from(hidden);
        *followed += u64::from(by_followed.contains(&item));
        *by_me += u64::from(hosted.contains(&item));
    }
    Ok(preview)
}

/// `posts` ascend by their ties, and labels by work ids, which begin with them.
fn label_items(
    db: &Connection,
    posts: &mut [Post],
    labels: &[([u8; 32], LabelAction)],
) -> Result<(), StoreError> {
    let mut work = db.prepare_cached("SELECT work FROM items WHERE id = ?1")?;
    let mut rest = labels;
    for post in posts {
        let behind = rest.iter().take_while(|(label, _)| tie(label) < post.tie).count();
        rest = &rest[behind..];
        if rest.first().is_none_or(|(work, _)| tie(work) != post.tie) {
            continue;
        }
        let work: [u8; 32] = work.query_row([post.item], |row| row.get(0))?;
        let same = rest.iter().take_while(|(label, _)| tie(label) == post.tie);
        for (_, action) in same.filter(|(label, _)| *label == work) {
            post.action = post.action.max(*action);
        }
    }
    Ok(())
}

/// `posts` ascend by their numbers.
fn label_people(
    db: &Connection,
    posts: &mut [Post],
    people: &[(i64, LabelAction)],
    since: u64,
) -> Result<(), StoreError> {
    let mut by_author = db.prepare_cached(BY_AUTHOR)?;
    for (author, action) in people {
        let mut rows = by_author.query((author, int(since)))?;
        while let Some(row) = rows.next()? {
            let item: i64 = row.get(0)?;
            if let Ok(place) = posts.binary_search_by_key(&item, |post| post.item) {
                posts[place].action = posts[place].action.max(*action);
            }
        }
    }
    Ok(())
}

/// What somebody signed since a moment; it has no earlier rank time.
const BY_AUTHOR: &str = "SELECT id FROM items WHERE author = ?1 AND time >= ?2";

fn labels(db: &Connection, labeller: i64, actions: &LabelActions) -> Result<Labels, StoreError> {
    // In the order of the key: people by their numbers, then items by their bytes.
    let mut select = db.prepare_cached(
        "SELECT target, value FROM labels WHERE labeller = ?1 ORDER BY target, value",
    )?;
    let mut rows = select.query([labeller])?;
    let mut labels = Labels::default();
    while let Some(row) = rows.next()? {
        labels.count += 1;
        let value = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let action = actions.of(value);
        match row.get(0)? {
            _ if action == LabelAction::Ignore => {}
            Target::Item(work) => push(&mut labels.items, work, action),
            Target::Person(author) => push(&mut labels.people, author, action),
        }
    }
    Ok(labels)
}

/// Of several labels of one target the strongest acts.
fn push<T: PartialEq>(list: &mut Vec<(T, LabelAction)>, target: T, action: LabelAction) {
    match list.last_mut() {
        Some((last, stands)) if *last == target => {
            *stands = action.max(*stands);
        }
        _ => list.push((target, action)),
    }
}

fn posts(db: &Connection, boards: &[BoardName], since: u64) -> Result<Vec<Post>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT item, tie FROM ranks INDEXED BY ranks_by_time
         WHERE post = 1 AND board = ?1 AND hidden = ?2 AND time >= ?3",
    )?;
    let mut posts = Vec::new();
    for board in boards {
        let Some(board) = known_board(db, board)? else { continue };
        for hidden in [false, true] {
            let mut rows = select.query((board, hidden, int(since)))?;
            while let Some(row) = rows.next()? {
                let (item, tie) = (row.get(0)?, row.get(1)?);
                posts.push(Post { tie, item, hidden, action: LabelAction::Ignore });
            }
        }
    }
    Ok(posts)
}

/// Items for which there is an exception, or for whose author there is one.
fn exempt(db: &Connection, since: u64) -> Result<HashSet<i64>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT i.id FROM exceptions e CROSS JOIN items i ON i.work = e.target
             WHERE typeof(e.target) = 'blob'
         UNION ALL SELECT i.id FROM exceptions e CROSS JOIN items i ON i.author = e.target
             WHERE typeof(e.target) = 'integer' AND i.time >= ?1",
    )?;
    let rows = select.query_map([int(since)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is to be hosted, or is.
fn hosted(db: &Connection) -> Result<HashSet<i64>, StoreError> {
    let mut select = db.prepare_cached("SELECT item FROM wishes")?;
    let rows = select.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn by_authors(
    db: &Connection,
    authors: &HashSet<i64>,
    since: u64,
) -> Result<HashSet<i64>, StoreError> {
    let mut select = db.prepare_cached("SELECT id FROM items WHERE author = ?1 AND time >= ?2")?;
    let mut found = HashSet::new();
    for author in authors {
        let mut rows = select.query((author, int(since)))?;
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}
