//! The objects of the API: what `--json` prints, with names and forms that stay.

use std::collections::HashMap;

use serde::Serialize;
use upseed_model::{BoardName, HostingStatus, Infohash, PublicKey, WorkId, magnet::Magnet};
use upseed_store::{ItemRow, ThreadRow};

/// An item.
#[derive(Debug, Clone, Serialize)]
pub struct ItemJson {
    /// Its infohash.
    pub id: Infohash,
    /// Its work id, by which ballots and links name it.
    pub work: WorkId,
    /// A link for any torrent client.
    pub magnet: String,
    /// `post` or `comment`.
    pub kind: &'static str,
    /// Its board.
    pub board: BoardName,
    /// Of posts.
    pub title: Option<String>,
    /// Who signed it.
    pub author: PublicKey,
    /// Unix seconds, as signed.
    pub time: u64,
    /// When this node first saw it, in unix seconds.
    pub first_seen: u64,
    /// What lists are sorted by.
    pub score: f64,
    /// Voters but the author.
    pub votes: u32,
    /// Whether the user upvoted it.
    pub upvoted: bool,
    /// Whether the user wrote it.
    pub mine: bool,
    /// Hosts that were found when it was last looked up; null before.
    pub seeds: Option<u32>,
    /// Comments in a post's thread; answers to a comment.
    pub comments: u32,
    /// What a comment answers.
    pub parent: Option<Infohash>,
    /// The post of a comment's thread.
    pub root: Option<Infohash>,
    /// `wanted`, `fetching`, `handed`, `hosting`, `failed`, `missing`, `guest` (in the client without
    /// a vote), or null.
    pub hosting: Option<HostingStatus>,
    /// Whether it can never be read.
    pub dead: bool,
    /// Its text; null while unknown.
    pub text: Option<String>,
}

/// An item with the answers to it.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyJson {
    /// The item.
    #[serde(flatten)]
    pub item: ItemJson,
    /// The answers, best first.
    pub replies: Vec<ReplyJson>,
    /// Whether direct answers are left out, because of the depth or the number: this item's own thread
    /// has more of them.
    pub cut: bool,
}

impl From<ItemRow> for ItemJson {
    fn from(row: ItemRow) -> Self {
        let item = &row.item;
        let magnet = Magnet::of(item);
        Self {
            id: item.infohash(),
            work: item.work(),
            magnet: magnet.to_string(),
            kind: if item.title().is_some() { "post" } else { "comment" },
            board: item.board(),
            title: item.title().map(str::to_owned),
            author: item.author(),
            time: item.time(),
            first_seen: row.first_seen,
            score: row.score,
            votes: row.votes,
            upvoted: row.upvoted,
            mine: row.mine,
            seeds: row.seeds,
            comments: row.comments,
            parent: item.parent().map(|link| link.infohash),
            root: item.root().map(|link| link.infohash),
            hosting: HostingStatus::of(row.hosting, row.unvoted),
            dead: row.dead,
            text: row.text,
        }
    }
}

/// Levels of answers in one object: JSON readers commonly stop at 128 levels of brackets, of which
/// each answer takes two.
const MAX_LEVELS: usize = 50;

/// Nests answers below `top`, best first. `rows` may stand in any order.
pub(super) fn nest(top: ThreadRow, rows: impl Iterator<Item = ThreadRow>) -> ReplyJson {
    let mut below: HashMap<WorkId, Vec<ThreadRow>> = HashMap::new();
    for answer in rows {
        if let Some(parent) = answer.row.item.parent() {
            below.entry(parent.work).or_default().push(answer);
        }
    }
    reply(top, &mut below, 0)
}

/// Bounded by [`MAX_LEVELS`].
fn reply(
    ThreadRow { row, cut }: ThreadRow,
    below: &mut HashMap<WorkId, Vec<ThreadRow>>,
    level: usize,
) -> ReplyJson {
    let mut answers = below.remove(&row.item.work()).unwrap_or_default();
    answers.sort_by(|ThreadRow { row: a, .. }, ThreadRow { row: b, .. }| {
        let score = b.score.total_cmp(&a.score);
        score.then(a.item.time().cmp(&b.item.time())).then(a.item.work().cmp(&b.item.work()))
    });
    let deep = level >= MAX_LEVELS && !answers.is_empty();
    let cut = cut || deep;
    let replies = match deep {
        true => Vec::new(),
        false => answers.into_iter().map(|row| reply(row, below, level + 1)).collect(),
    };
    ReplyJson { item: row.into(), replies, cut }
}
