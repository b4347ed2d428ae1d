//! The derived tables, computed anew in the dumbest way, to compare with what stands in them.
//! Nothing here shares code with what writes them. Loads everything into memory.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use upseed_model::{BoardName, HostingState, Link, PublicKey, SignedItem, Statement, WorkId, pow};
use upseed_rank::{Fixed, Graph, Item, Person, Ranks, Scorer, hot, provisional};
use upseed_tables::{
    values::{day::DAY, error::StoreError, me::Me, number::uint, sum::add, words},
    work::{hosting, names, slots},
};

use super::labels::{Said, Subscriptions};

/// The derived tables with names instead of numbers, so that two stores can be compared.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Derived {
    pub votes: BTreeMap<(WorkId, BoardName, PublicKey), u64>,
    pub follows: BTreeSet<(PublicKey, PublicKey)>,
    pub retracted: BTreeSet<(WorkId, PublicKey)>,
    pub labels: Said,
    /// With the work that is more than its size asks for.
    pub starters: BTreeMap<(BoardName, PublicKey, u64, WorkId), u8>,
    /// Names as they are found.
    pub profiles: BTreeMap<(WorkId, PublicKey), String>,
    /// Old key, new key, time.
    pub successions: BTreeMap<WorkId, (PublicKey, Option<PublicKey>, u64)>,
    pub members: BTreeSet<(BoardName, u64, WorkId, u8, u64)>,
    /// Count, sum, bytes.
    pub days: BTreeMap<(BoardName, u64), (u64, [u8; 32], u64)>,
    pub ranks: BTreeMap<WorkId, RankRow>,
    pub tally: BTreeMap<String, i64>,
}

impl Derived {
    /// What names this key may name another one.
    fn is_ended(&self, key: &PublicKey) -> bool {
        self.successions.values().any(|(old, ..)| old == key)
    }

    /// Goes from key to key until one is in use: sixteen successions at most.
    fn current(&self, key: PublicKey) -> Option<PublicKey> {
        let mut chain = vec![key];
        while chain.len() <= 17 {
            let key = chain[chain.len() - 1];
            let of_key = self.successions.values().filter(|(old, ..)| *old == key);
            let next: BTreeSet<Option<PublicKey>> = of_key.map(|(_, next, _)| *next).collect();
            match next.len() {
                0 => return Some(key),
                1 => chain.push(next.into_iter().next()??),
                _ => return None,
            }
        }
        None
    }

    /// As whose an item of this author counts.
    fn writer(&self, me: Option<PublicKey>, author: PublicKey) -> Option<PublicKey> {
        if me == Some(author) { me } else { self.current(author) }
    }
}

/// A row of `ranks`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RankRow {
    pub post: bool,
    pub board: BoardName,
    pub hidden: bool,
    pub missing: bool,
    pub root: Option<WorkId>,
    pub parent: Option<WorkId>,
    pub time: u64,
    pub day: u64,
    pub month: u64,
    pub tie: i64,
    pub votes: u64,
    pub comments: u64,
    pub bits: u8,
    pub strangers: u32,
    pub networks: u32,
    pub trusted: i64,
    pub known: bool,
    pub score: i64,
    pub hot: i64,
}

struct Known {
    item: SignedItem,
    first_seen: u64,
    listed: bool,
    text: bool,
    dead: bool,
    /// By its author, or by itself.
    muted: bool,
    wish: Option<bool>,
    networks: u32,
    hosted: bool,
}

/// From the records and the local tables.
pub(crate) fn compute(db: &Connection, me: Option<Me>) -> Result<Derived, StoreError> {
    let mut derived = Derived::default();
    let items = load_items(db)?;
    let mut select = db.prepare("SELECT bytes FROM statements")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let statement = slots::parse(&row.get::<_, Vec<u8>>(0)?)?;
        if let Statement::Succession { next } = statement.content() {
            let succession = (statement.author(), *next, statement.time());
            derived.successions.insert(statement.work(), succession);
        }
    }
    let ended: BTreeSet<PublicKey> = derived.successions.values().map(|(old, ..)| *old).collect();
    let mut select = db.prepare("SELECT listed, bytes FROM statements")?;
    let mut rows = select.query([])?;
    let mut statements = 0;
    while let Some(row) = rows.next()? {
        let statement = slots::parse(&row.get::<_, Vec<u8>>(1)?)?;
        statements += 1;
        if row.get(0)? {
            for board in statement.boards() {
                let (work, bits) = (statement.work(), statement.proof().bits);
                let size = statement.bytes().len() as u64;
                derived.members.insert((*board, statement.time(), work, bits, size));
            }
        }
        match statement.content() {
            Statement::Ballot { targets, .. } if !ended.contains(&statement.author()) => {
                for target in targets {
                    let key = (*target, statement.boards()[0], statement.author());
                    *derived.votes.entry(key).or_default() += 1;
                }
            }
            Statement::Follows { name: None, targets, .. }
                if !ended.contains(&statement.author()) =>
            {
                let author = statement.author();
                derived.follows.extend(targets.iter().map(|followed| (author, *followed)));
            }
            Statement::Retraction { targets } => {
                let author = statement.author();
                derived.retracted.extend(targets.iter().map(|target| (*target, author)));
            }
            Statement::Labels { labels, .. } if !ended.contains(&statement.author()) => {
                for label in labels {
                    let key = (statement.author(), label.clone());
                    *derived.labels.entry(key).or_default() += 1;
                }
            }
            Statement::Follows { name: Some(_), targets, .. }
                if !targets.is_empty() && !ended.contains(&statement.author()) =>
            {
                let required = pow::required_bits(statement.bytes().len(), false);
                for board in statement.boards() {
                    let key = (*board, statement.author(), statement.time(), statement.work());
                    derived.starters.insert(key, statement.proof().bits - required);
                }
            }
            Statement::Profile { name, .. } => {
                let name = words::of_text(name);
                if !name.is_empty() {
                    derived.profiles.insert((statement.work(), statement.author()), name);
                }
            }
            _ => {}
        }
    }
    for known in items.values().filter(|known| known.listed) {
        let item = &known.item;
        let size = item.header().len() as u64;
        let member = (item.board(), item.time(), item.work(), item.proof().bits, size);
        derived.members.insert(member);
    }
    for (board, time, work, _, size) in &derived.members {
        let day = derived.days.entry((*board, time / DAY)).or_default();
        *day = (day.0 + 1, add(&day.1, work.as_bytes()), day.2 + size);
    }
    let places = places(&items);
    let mut ranks = ranks(db, &items, &places, &derived, me)?;
    let subscriptions = Subscriptions::load(db)?;
    for (work, place) in &places {
        let mut row = rank_row(&items, &derived, (me, &mut ranks), work, *place);
        row.hidden |= subscriptions.hide(&derived.labels, &items[work].item);
        derived.ranks.insert(*work, row);
    }
    for place in places.values().flatten() {
        let mut above = BTreeSet::from([place.0, place.1]);
        while let Some(work) = above.pop_first() {
            if let Some(row) = derived.ranks.get_mut(&work) {
                row.comments += 1;
            }
        }
    }
    derived.tally = tally(db, items.len() as i64, statements)?;
    Ok(derived)
}

fn load_items(db: &Connection) -> Result<BTreeMap<WorkId, Known>, StoreError> {
    let mut select = db.prepare(
        "SELECT header, first_seen, listed, EXISTS (SELECT 1 FROM texts WHERE item = id),
             EXISTS (SELECT 1 FROM dead WHERE item = id),
             EXISTS (SELECT 1 FROM mutes m WHERE m.author = items.author)
                 OR EXISTS (SELECT 1 FROM hides WHERE item = id),
             (SELECT up FROM pending WHERE item = id),
             (SELECT count(*) FROM hosts h WHERE h.item = items.id),
             EXISTS (SELECT 1 FROM wishes w WHERE w.item = id AND w.state <> ?1)
         FROM items",
    )?;
    let mut rows = select.query([hosting::number(HostingState::Leaving)])?;
    let mut items = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let item = SignedItem::from_bytes_unchecked(&row.get::<_, Vec<u8>>(0)?)
            .map_err(|error| StoreError::record("items", &error))?;
        let known = Known {
            first_seen: uint(row.get(1)?),
            listed: row.get(2)?,
            text: row.get(3)?,
            dead: row.get(4)?,
            muted: row.get(5)?,
            wish: row.get(6)?,
            networks: row.get(7)?,
            hosted: row.get(8)?,
            item,
        };
        items.insert(known.item.work(), known);
    }
    Ok(items)
}

/// Of each placed item its root and parent; goes round until nothing changes any more.
fn places(items: &BTreeMap<WorkId, Known>) -> BTreeMap<WorkId, Option<(WorkId, WorkId)>> {
    let mut placed = BTreeMap::new();
    loop {
        let before = placed.len();
        for (work, known) in items {
            let item = &known.item;
            let (Some(parent), Some(root)) = (item.parent(), item.root()) else {
                placed.insert(*work, None);
                continue;
            };
            let find = |link: Link| {
                let found = items.get(&link.work)?;
                (found.item.link() == link && found.item.board() == item.board())
                    .then_some(&found.item)
            };
            let (Some(above), Some(post)) = (find(parent), find(root)) else { continue };
            let same_root = parent == root || above.root() == Some(root);
            if placed.contains_key(&parent.work) && post.root().is_none() && same_root {
                placed.insert(*work, Some((root.work, parent.work)));
            }
        }
        if placed.len() == before {
            return placed;
        }
    }
}

/// The reader's tree, built at once from all that is known.
fn ranks(
    db: &Connection,
    items: &BTreeMap<WorkId, Known>,
    places: &BTreeMap<WorkId, Option<(WorkId, WorkId)>>,
    derived: &Derived,
    me: Option<Me>,
) -> Result<Ranks, StoreError> {
    let mut graph = Graph::default();
    let mut nobody = BTreeSet::new();
    for follower in derived.follows.iter().map(|(follower, _)| *follower).collect::<BTreeSet<_>>() {
        let row = derived.follows.iter().filter(|(who, _)| *who == follower);
        let (ended, in_use): (Vec<PublicKey>, Vec<PublicKey>) =
            row.map(|(_, key)| *key).partition(|key| derived.is_ended(key));
        let mut people: BTreeSet<PublicKey> = in_use.into_iter().collect();
        for key in ended {
            match derived.current(key) {
                Some(current) if current != follower && people.insert(current) => {}
                // A key that one follows, but nobody more: as if it were somebody muted.
                _ => _ = (people.insert(key), nobody.insert(key)),
            }
        }
        let follower = graph.intern(&follower);
        for person in people {
            let person = graph.intern(&person);
            graph.follow(follower, person);
        }
    }
    let mut select = db.prepare("SELECT key FROM mutes JOIN keys ON id = author")?;
    let muted = select
        .query_map([], |row| row.get(0))?
        .map(|key| names::parse_key(key?))
        .collect::<Result<BTreeSet<PublicKey>, StoreError>>()?;
    let me = me.map(|me| me.key);
    let mut ranks = Ranks::new(graph, me.as_ref(), muted.union(&nobody).copied());
    if let Some(me) = me {
        let follows = derived.follows.iter().filter(|(who, _)| *who == me);
        let people: BTreeSet<PublicKey> =
            follows.filter_map(|(_, key)| derived.current(*key)).filter(|key| *key != me).collect();
        let posts = items.iter().filter(|(work, _)| places.get(work) == Some(&None));
        let upvoted = posts
            .filter(|(_, known)| known.hosted)
            .filter_map(|(_, known)| derived.writer(Some(me), known.item.author()));
        let people = provisional(people.len(), upvoted, |author| *author == me);
        let people: Vec<Person> = people.iter().map(|author| ranks.intern(author)).collect();
        ranks.set_provisional(people);
        ranks.settle();
    }
    Ok(ranks)
}

fn rank_row(
    items: &BTreeMap<WorkId, Known>,
    derived: &Derived,
    (me, ranks): (Option<Me>, &mut Ranks),
    work: &WorkId,
    place: Option<(WorkId, WorkId)>,
) -> RankRow {
    let known = &items[work];
    let (item, board) = (&known.item, known.item.board());
    let me = me.map(|me| me.key);
    let mut voters: BTreeSet<PublicKey> = derived
        .votes
        .keys()
        .filter(|(target, on, _)| target == work && *on == board)
        .map(|(_, _, voter)| *voter)
        .collect();
    let writer = derived.writer(me, item.author());
    let is_own = me.is_some() && writer == me;
    voters.retain(|voter| Some(*voter) != writer);
    let by_ballot = me.is_some_and(|me| voters.remove(&me));
    let mine = !is_own && known.wish.unwrap_or(by_ballot);
    let voters: Vec<Person> = voters.iter().map(|voter| ranks.intern(voter)).collect();
    let author = writer.map(|writer| ranks.intern(&writer));
    let of_item = Item { author, voters: &voters, unknown: 0, networks: known.networks };
    let parts = Scorer::default().parts(ranks.standing(), &of_item);
    let trusted: Fixed = parts.branches.iter().map(|branch| branch.points).sum();
    let time = item.time().min(known.first_seen);
    let by_somebody_known =
        is_own || author.is_some_and(|author| ranks.standing().weight(author).is_some());
    RankRow {
        post: place.is_none(),
        board,
        hidden: known.dead
            || known.muted
            || derived.retracted.contains(&(*work, item.author()))
            || derived
                .successions
                .values()
                .any(|(old, _, time)| *old == item.author() && *time < item.time()),
        missing: !known.text && !known.dead,
        root: place.map(|place| place.0),
        parent: place.map(|place| place.1),
        time,
        day: time / 86_400,
        month: time / 86_400 / 30,
        tie: (work.as_bytes()[..8].iter().fold(0_i128, |tie, byte| tie << 8 | i128::from(*byte))
            - (1 << 63)) as i64,
        votes: voters.len() as u64 + u64::from(mine),
        comments: 0,
        bits: item.proof().bits,
        strangers: parts.strangers.voters,
        networks: known.networks,
        trusted: trusted.to_sql(),
        known: by_somebody_known || trusted > Fixed::ZERO || mine,
        score: parts.score().to_sql(),
        hot: hot(parts.score(), time).to_sql(),
    }
}

fn tally(
    db: &Connection,
    items: i64,
    statements: i64,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut tally = BTreeMap::from([("items".into(), items), ("statements".into(), statements)]);
    let sql = "SELECT keep, count(*), sum(length(text)) FROM texts WHERE keep < 3 GROUP BY keep";
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let name = ["cached", "hosted", "own"][row.get::<_, u8>(0)?.min(2) as usize];
        tally.insert(name.into(), row.get(1)?);
        tally.insert(format!("{name} bytes"), row.get(2)?);
    }
    tally.retain(|_, value| *value != 0);
    Ok(tally)
}
