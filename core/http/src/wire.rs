//! What the node knows, in the forms of the API.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use upseed_api::{
    BoardStatus, ClockError, Event, FetchFailure as Unfit, Item, Pack, Person, PlaceInTop, Profile,
    Relation, StarterList, Status, Thread, Through, Why,
};
use upseed_model::{HostingStatus, WorkId, magnet::Magnet};
use upseed_node::{
    FetchFailure, ItemRow, NodeError, NodeEvent, PackRow, PackState, Reasons, ThreadRow,
};
use upseed_view::{self as view, why::WhyView};

/// Somebody.
pub(crate) fn person(person: view::Person) -> Person {
    let view::Person { key, name, relation } = person;
    Person { key, name, relation: self::relation(relation) }
}

fn relation(relation: view::Relation) -> Relation {
    match relation {
        view::Relation::You => Relation::You,
        view::Relation::Followed => Relation::Followed,
        view::Relation::Muted => Relation::Muted,
        view::Relation::Ended => Relation::Ended,
        view::Relation::Stranger => Relation::Stranger,
    }
}

/// What somebody says about themselves.
pub(crate) fn profile(person: Option<view::Person>, profile: upseed_node::Profile) -> Profile {
    let upseed_node::Profile { name, about, boards } = profile;
    let (key, relation) = (person.as_ref().map(|it| it.key), person.map(|it| it.relation));
    let relation = relation.map_or(Relation::You, self::relation);
    Profile { key, name, about, boards, relation }
}

/// An item, without what comes of its labels.
pub(crate) fn item(row: ItemRow, author: view::Person) -> Item {
    let item = &row.item;
    Item {
        id: item.infohash(),
        work: item.work(),
        magnet: Magnet::of(item).to_string(),
        kind: item.into(),
        board: item.board(),
        title: item.title().map(str::to_owned),
        author: item.author(),
        author_name: author.name,
        author_is: relation(author.relation),
        time: item.time(),
        first_seen: row.first_seen,
        score: row.score.to_f64(),
        known: row.known,
        votes: row.votes,
        upvoted: row.upvoted,
        mine: row.mine,
        seeds: row.seeds,
        verified: row.verified,
        verified_at: row.verified_at,
        comments: row.comments,
        parent: item.parent().map(|link| link.infohash),
        root: item.root().map(|link| link.infohash),
        hosting: HostingStatus::of(row.hosting, row.unvoted),
        dead: row.dead,
        retracted: row.retracted,
        hidden: row.hidden,
        labels: Vec::new(),
        text: row.text,
    }
}

/// A starter list.
pub(crate) fn starter_list(list: upseed_node::StarterList) -> StarterList {
    let upseed_node::StarterList { id, name, author, boards, time, people } = list;
    StarterList { id, name: name.to_string(), author, boards, time, people }
}

/// How a node stands that listens there.
pub(crate) fn status(status: upseed_node::Status, address: SocketAddr, uptime: Duration) -> Status {
    Status {
        version: status.version.to_owned(),
        address,
        uptime: uptime.as_secs(),
        author: status.author,
        client: status.client,
        client_version: status.client_version,
        client_online: status.client_online,
        client_warnings: status.client_warnings,
        clock: status.clock.map(clock_error),
        peers: status.peers,
        boards: status.boards.into_iter().map(board).collect(),
        items: status.items,
        hosted: status.hosted,
        wanted: status.wanted,
        asked: status.asked,
        text_bytes: status.text_bytes,
        is_scored: status.is_scored,
        dht_nodes: status.dht_nodes,
        swarm_port: status.swarm_port,
        reachable: status.reachable,
        outside_port: status.outside_port,
        was_reached: status.was_reached,
        punched: status.punched,
        announced: status.announced,
        packs: status.packs.iter().map(pack).collect(),
    }
}

/// A pack in which items are hosted.
pub(crate) fn pack(pack: &PackRow) -> Pack {
    Pack {
        id: pack.infohash,
        board: pack.board,
        texts: pack.live(),
        bytes: pack.length,
        first: pack.first,
        last: pack.last,
        is_hosted: pack.state == PackState::Hosted,
        is_missing: pack.state == PackState::Missing,
    }
}

fn clock_error((error, message): (upseed_node::ClockError, String)) -> ClockError {
    let upseed_node::ClockError { seconds, is_ahead, peers } = error;
    ClockError { seconds, is_ahead, peers, message }
}

fn board(board: upseed_node::BoardStatus) -> BoardStatus {
    let upseed_node::BoardStatus { name, peers, days, comparing, trackers } = board;
    BoardStatus { name, peers, days, comparing, trackers }
}

/// What a score is made of. `view` has the people's names, in the same order.
pub(crate) fn why(row: &ItemRow, reasons: &Reasons, view: &WhyView, words: Vec<String>) -> Why {
    let through = reasons.branches.iter().zip(&view.through).map(|(branch, shown)| Through {
        key: branch.person,
        name: shown.person.name.clone(),
        provisional: branch.is_provisional,
        voted: branch.voted,
        behind: branch.behind,
        votes: branch.votes.to_f64(),
        weight: branch.weight.to_f64(),
        adds: branch.points.to_f64(),
    });
    let place = reasons.place.map(|place| PlaceInTop {
        window: place.window,
        number: place.number,
        without_strongest: place.without_strongest,
    });
    Why {
        id: row.item.infohash(),
        score: reasons.score.to_f64(),
        votes: row.votes,
        seeds: row.seeds,
        verified: row.verified,
        verified_at: row.verified_at,
        words,
        through: through.collect(),
        strangers: reasons.strangers,
        strangers_add: reasons.strangers_points.to_f64(),
        networks: reasons.networks,
        muted: reasons.muted,
        mine: reasons.mine,
        follows: reasons.follows,
        provisional: reasons.provisional,
        follows_nobody: view.follows_nobody,
        place,
    }
}

/// A change.
pub(crate) fn event(event: &NodeEvent) -> Event {
    match event {
        NodeEvent::Item { id, board, root } => Event::Item { id: *id, board: *board, root: *root },
        NodeEvent::Text { id } => Event::Text { id: *id },
        NodeEvent::Unreadable { id, failure, reason } => {
            let unfit = match failure {
                FetchFailure::Ordinary => Unfit::Ordinary,
                FetchFailure::Wrong => Unfit::Wrong,
                FetchFailure::NotNow => Unfit::NotNow,
            };
            Event::Unreadable { id: *id, unfit, reason: reason.clone() }
        }
        NodeEvent::Twin { id, kept } => Event::Twin { id: *id, kept: *kept },
        NodeEvent::Votes { id, votes, upvoted } => {
            Event::Votes { id: *id, votes: *votes, upvoted: *upvoted }
        }
        NodeEvent::Hosting { id, state } => Event::Hosting { id: *id, state: *state },
        NodeEvent::Work { job, percent } => Event::Work { job: job.clone(), percent: *percent },
        NodeEvent::Sync { board, done, total } => {
            Event::Sync { board: *board, done: *done, total: *total }
        }
    }
}

/// Levels of answers in one object: JSON readers commonly stop at 128 levels of brackets, of which
/// each answer takes two.
const MAX_LEVELS: usize = 50;

/// Makes an item of a row, with all that is told of it.
pub(crate) type ToItem<'a> = dyn FnMut(ItemRow) -> Result<Item, NodeError> + 'a;

/// Nests answers below `top`, best first. `rows` may stand in any order.
pub(crate) fn thread(
    top: ThreadRow,
    rows: impl Iterator<Item = ThreadRow>,
    item: &mut ToItem<'_>,
) -> Result<Thread, NodeError> {
    let mut below: HashMap<WorkId, Vec<ThreadRow>> = HashMap::new();
    for answer in rows {
        if let Some(parent) = answer.row.item.parent() {
            below.entry(parent.work).or_default().push(answer);
        }
    }
    reply(top, &mut below, item, 0)
}

/// Bounded by [`MAX_LEVELS`].
fn reply(
    ThreadRow { row, cut }: ThreadRow,
    below: &mut HashMap<WorkId, Vec<ThreadRow>>,
    item: &mut ToItem<'_>,
    level: usize,
) -> Result<Thread, NodeError> {
    let mut answers = below.remove(&row.item.work()).unwrap_or_default();
    answers.sort_by(|ThreadRow { row: a, .. }, ThreadRow { row: b, .. }| {
        let score = b.score.cmp(&a.score);
        score.then(a.item.time().cmp(&b.item.time())).then(a.item.work().cmp(&b.item.work()))
    });
    let deep = level >= MAX_LEVELS && !answers.is_empty();
    let cut = cut || deep;
    if deep {
        answers.clear();
    }
    let replies = answers.into_iter().map(|row| reply(row, below, item, level + 1));
    let replies = replies.collect::<Result<_, _>>()?;
    Ok(Thread { item: item(row)?, replies, cut })
}
