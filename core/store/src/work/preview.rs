//! What a subscription would do, told before one subscribes.
//!
//! Not by looking up each label's item: a labeller may have a hundred thousand labels, of items that
//! lie anywhere in the file. The posts of the window come out of one index in one go, and are compared
//! in memory by the first 8 bytes of their work ids; only those that match are looked at.

use std::collections::{HashMap, HashSet};

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
struct Post {
    tie: i64,
    hidden: bool,
}

/// What a labeller says, as far as it would act.
#[derive(Default)]
struct Labels {
    count: u64,
    items: HashMap<[u8; 32], LabelAction>,
    ties: HashSet<i64>,
    /// Ascending.
    people: Vec<(i64, LabelAction)>,
}

/// On which posts of these boards since that moment a subscription to this person's labels would act.
/// `followed`: numbers of the keys that the user follows.
pub(crate) fn preview(
    db: &Connection,
    labeller: i64,
    actions: &LabelActions,
    boards: &[BoardName],
    since: u64,
    followed: &HashSet<i64>,
) -> Result<Preview, StoreError> {
    let (labels, posts) = (labels(db, labeller, actions)?, posts(db, boards, since)?);
    let mut acts = HashMap::<i64, LabelAction>::new();
    let mut add = |item: i64, action: LabelAction| {
        let stands = acts.entry(item).or_insert(LabelAction::Ignore);
        *stands = action.max(*stands);
    };
    let mut by_author =
        db.prepare_cached("SELECT id FROM items WHERE author = ?1 AND time >= ?2")?;
    for (author, action) in labels.people {
        let mut rows = by_author.query((author, int(since)))?;
        while let Some(row) = rows.next()? {
            add(row.get(0)?, action);
        }
    }
    let matching = posts.iter().filter(|(_, post)| labels.ties.contains(&post.tie));
    let mut matching: Vec<i64> = matching.map(|(item, _)| *item).collect();
    matching.sort_unstable();
    let mut work = db.prepare_cached("SELECT work FROM items WHERE id = ?1")?;
    for item in matching {
        let work: [u8; 32] = work.query_row([item], |row| row.get(0))?;
        if let Some(action) = labels.items.get(&work) {
            add(item, *action);
        }
    }

    let (exempt, hosted) = (exempt(db, since)?, hosted(db)?);
    let by_followed = by_authors(db, followed, since)?;
    let mut preview = Preview { labels: labels.count, ..Preview::default() };
    for (item, action) in acts {
        let Some(post) = posts.get(&item) else { continue };
        if exempt.contains(&item) {
            continue;
        }
        let counts = match action {
            LabelAction::Ignore => continue,
            LabelAction::Mark => &mut preview.mark,
            LabelAction::Fold => &mut preview.fold,
            LabelAction::Hide => &mut preview.hide,
        };
        let PreviewCounts { posts, hidden, followed, hosted: by_me } = counts;
        *posts += 1;
        *hidden += u64::from(post.hidden);
        *followed += u64::from(by_followed.contains(&item));
        *by_me += u64::from(hosted.contains(&item));
    }
    Ok(preview)
}

fn labels(db: &Connection, labeller: i64, actions: &LabelActions) -> Result<Labels, StoreError> {
    // In the order of the key: people by their numbers, then items.
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
            Target::Item(work) => {
                labels.ties.insert(tie(&work));
                let stands = labels.items.entry(work).or_insert(action);
                *stands = action.max(*stands);
            }
            Target::Person(author) => match labels.people.last_mut() {
                Some((same, stands)) if *same == author => *stands = action.max(*stands),
                _ => labels.people.push((author, action)),
            },
        }
    }
    Ok(labels)
}

fn posts(
    db: &Connection,
    boards: &[BoardName],
    since: u64,
) -> Result<HashMap<i64, Post>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT item, tie FROM ranks INDEXED BY ranks_by_time
         WHERE post = 1 AND board = ?1 AND hidden = ?2 AND time >= ?3",
    )?;
    let mut posts = HashMap::new();
    for board in boards {
        let Some(board) = known_board(db, board)? else { continue };
        for hidden in [false, true] {
            let mut rows = select.query((board, hidden, int(since)))?;
            while let Some(row) = rows.next()? {
                posts.insert(row.get(0)?, Post { tie: row.get(1)?, hidden });
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
