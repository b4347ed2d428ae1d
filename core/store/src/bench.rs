//! Ways past the rules, for this crate's own benches and tests: only they are built with the feature `bench`.
#![doc(hidden)]

use rusqlite::Connection;
use upseed_model::{
    BoardName, SignedItem,
    rank::{Sort, Window},
};
use upseed_rank::{Fixed, hot};
use upseed_tables::{
    values::{
        day::{DAY, MONTH},
        error::StoreError,
        number::{int, uint},
    },
    work::{
        names, placement, search,
        top::{TopQuery, top_ids},
    },
};

use crate::{check, connection::Store};

/// A post to be invented: the header is another's, the work id a made-up one.
#[derive(Debug, Clone, Copy)]
pub struct FakePost {
    /// A made-up work id.
    pub work: [u8; 32],
    /// Where it stands.
    pub board: BoardName,
    /// Its rank time, in unix seconds.
    pub time: u64,
    /// Votes.
    pub votes: u32,
    /// Left out of lists.
    pub hidden: bool,
}

impl Store {
    /// Inserts posts without proof of work, all in one transaction. `check` will complain.
    pub fn insert_fakes(
        &self,
        header: &SignedItem,
        posts: impl Iterator<Item = FakePost>,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let author = names::key_id(db, &header.author())?;
            for post in posts {
                insert_fake(db, header, author, &post)?;
            }
            Ok(())
        })
    }

    /// Gives titles and texts to the items of these numbers, as far as search is concerned.
    pub fn insert_fake_texts<'t>(
        &self,
        texts: impl Iterator<Item = (i64, &'t str, &'t str)>,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let mut board = db.prepare_cached("SELECT board FROM items WHERE id = ?1")?;
            for (item, title, text) in texts {
                let board = board.query_row([item], |row| row.get(0))?;
                search::insert(db, item, board, title, text)?;
            }
            Ok(())
        })
    }

    /// Work ids in the order of a query, out of the indexes.
    pub fn top_works(&self, query: &TopQuery) -> Result<Vec<[u8; 32]>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT work FROM items WHERE id = ?1")?;
            let ids = top_ids(db, query)?;
            ids.into_iter().map(|item| Ok(find.query_row([item], |row| row.get(0))?)).collect()
        })
    }

    /// All work ids in the order of a query, by going through everything.
    pub fn oracle_top(
        &self,
        boards: &[BoardName],
        order: (Window, Sort),
        view: (u64, bool),
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        self.read(|db| all_in_order(db, boards, order, view))
    }

    /// The derived tables in words that do not depend on the order in which records came.
    pub fn derived(&self) -> Result<String, StoreError> {
        self.read(|db| Ok(format!("{:#?}", check::read(db)?)))
    }

    /// Runs SQL in a transaction of the writing connection.
    pub fn sql(&self, change: impl FnOnce(&Connection)) -> Result<(), StoreError> {
        self.write(|db| {
            change(db);
            Ok(())
        })
    }
}

fn insert_fake(
    db: &Connection,
    header: &SignedItem,
    author: i64,
    post: &FakePost,
) -> Result<(), StoreError> {
    let board = names::board_id(db, &post.board)?;
    let mut infohash = [0; 20];
    infohash.copy_from_slice(&post.work[12..]);
    db.prepare_cached(
        "INSERT INTO items (work, infohash, board, author, time, bits, listed, first_seen, header)
         VALUES (?1, ?2, ?3, ?4, ?5, 18, 1, ?5, ?6)",
    )?
    .execute((post.work, infohash, board, author, int(post.time), header.header()))?;
    let day = int(post.time / DAY);
    // What as many followed people who are all near would make of it.
    let score = Fixed::from_int(post.votes);
    db.prepare_cached(
        "INSERT INTO ranks (item, post, board, hidden, missing, known, time, day, month, tie, bits, votes,
             score, hot)
         VALUES (?1, 1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute((
        db.last_insert_rowid(),
        board,
        post.hidden,
        post.votes % 3 == 1,
        int(post.time),
        day,
        day / MONTH,
        placement::tie(&post.work),
        18 + post.votes % 2,
        post.votes,
        score.to_sql(),
        hot(score, post.time).to_sql(),
    ))?;
    db.prepare_cached("INSERT INTO members VALUES (?1, ?2, ?3, 18, ?4)")?.execute((
        board,
        int(post.time),
        post.work,
        header.header().len() as i64,
    ))?;
    Ok(())
}

/// Posts of a query in order, by going through all of them: work ids.
fn all_in_order(
    db: &Connection,
    boards: &[BoardName],
    (window, sort): (Window, Sort),
    (now, hidden): (u64, bool),
) -> Result<Vec<[u8; 32]>, StoreError> {
    let mut select = db.prepare(
        "SELECT n.name, r.hidden, r.time, r.score, r.hot, i.work, r.known, r.bits
         FROM ranks r JOIN items i ON i.id = r.item JOIN names n ON n.id = r.board
         WHERE r.root IS NULL",
    )?;
    let mut rows = select.query([])?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        let (board, time): (String, u64) = (row.get(0)?, uint(row.get(2)?));
        let inside = time >= window.since(now) && (hidden || !row.get::<_, bool>(1)?);
        if inside && boards.iter().any(|wanted| wanted.as_str() == board) {
            let value = match sort {
                Sort::Top => row.get(3)?,
                Sort::Hot => row.get(4)?,
                Sort::New if row.get(6)? => i64::MAX,
                Sort::New => row.get(7)?,
            };
            posts.push((value, time, row.get::<_, [u8; 32]>(5)?));
        }
    }
    posts.sort_by(|(v1, t1, w1): &(i64, u64, [u8; 32]), (v2, t2, w2)| {
        v2.cmp(v1).then(t2.cmp(t1)).then(w1.cmp(w2))
    });
    Ok(posts.into_iter().map(|(_, _, work)| work).collect())
}
