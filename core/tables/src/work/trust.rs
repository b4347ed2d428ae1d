//! The follow graph and the reader's tree in memory, by which votes are weighed.

use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use upseed_model::PublicKey;
use upseed_rank::{Change, Graph, People, Person, Ranks, Scorer, Standing};

use super::{names::parse_key, successions};
use crate::values::{error::StoreError, me::Me};

/// Everything of `upseed_rank` that a store keeps. Only a writing transaction changes it; readers
/// look at it meanwhile.
#[derive(Default)]
pub struct Trust {
    state: RwLock<State>,
    /// Working memory of whoever scores.
    pub scorer: Mutex<Scorer>,
}

#[derive(Default)]
enum State {
    /// Nothing can be scored: what changes is remembered as stale, and all items are once nobody knows
    /// any more whose votes count otherwise.
    #[default]
    Unloaded,
    AllStale,
    /// Another thread reads the follows of an earlier moment; this is what changed since.
    Loading(Vec<Edit>),
    Loaded(Box<Loaded>),
}

/// What happens to the graph or the tree, by numbers of `keys`: a follow, a mute, or that this key says
/// otherwise who succeeds it.
#[derive(Debug, Clone, Copy)]
pub enum Edit {
    /// Somebody follows somebody, or does so no longer: rows in `keys`.
    Follow {
        /// Who follows.
        follower: i64,
        /// Whom.
        followed: i64,
        /// Or no longer.
        follows: bool,
    },
    /// I muted somebody, or do so no longer: a row in `keys`.
    Mute {
        /// Whom.
        person: i64,
        /// Or no longer.
        muted: bool,
    },
    /// What a key says of its next one changed: a row in `keys`.
    Succession(i64),
}

/// The ranks, and which number of `keys` is whom.
pub struct Loaded {
    ranks: Ranks,
    /// By number of `keys`; `NOBODY` for who has no part in the graph.
    persons: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl Loaded {
    /// Reads who follows whom, and whom I muted. A second or so for a million follows.
    pub fn read(db: &Connection, me: Option<Me>) -> Result<Self, StoreError> {
        let mut part = vec![];
        let mark = |part: &mut Vec<u32>, id: i64| {
            let at = index(id);
            if part.len() <= at {
                part.resize(at + 1, NOBODY);
            }
            part[at] = 0;
        };
        let mut select = db.prepare("SELECT follower, followed FROM follows")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            mark(&mut part, row.get(0)?);
            mark(&mut part, row.get(1)?);
        }
        let has_part = |id: i64| part.get(index(id)).is_some_and(|person| *person != NOBODY);
        let successions = read_successions(db, has_part)?;
        let currents = successions.iter().filter_map(|(_, current)| *current);
        currents.for_each(|current| mark(&mut part, current));
        let mut persons = part;
        let mut people = People::default();
        let mut keys = db.prepare("SELECT id, key FROM keys ORDER BY id")?;
        let mut rows = keys.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(person) = persons.get_mut(index(row.get(0)?))
                && *person != NOBODY
            {
                *person = people.intern(&parse_key(row.get(1)?)?).number();
            }
        }
        let mut graph = read_graph(db, people, &persons)?;
        let person = |id: i64| Person::from_number(persons[index(id)]);
        for (key, current) in successions {
            graph.set_current(person(key), current.map(person));
        }
        let key = me.map(|me| me.key);
        let mut loaded = Self { ranks: Ranks::new(graph, key.as_ref(), read_muted(db)?), persons };
        loaded.find_reader(db, me)?;
        Ok(loaded)
    }

    /// I and those whom I muted have a part in the graph whether anybody follows us or not.
    fn find_reader(&mut self, db: &Connection, me: Option<Me>) -> Result<(), StoreError> {
        let mut select = db.prepare_cached("SELECT author FROM mutes")?;
        let muted = select.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        for id in muted.into_iter().chain(me.map(|me| me.id)) {
            self.intern(db, id)?;
        }
        Ok(())
    }

    /// Whether that is me.
    pub fn is_reader(&self, person: Person) -> bool {
        self.ranks.reader() == Some(person)
    }

    /// Everybody's weight.
    pub fn standing(&self) -> &Standing {
        self.ranks.standing()
    }

    /// The key of somebody in the graph.
    pub fn key(&self, person: Person) -> &PublicKey {
        self.ranks.people().key(person)
    }

    /// Somebody by number of `keys`, if they have a part in the graph.
    pub fn person(&self, id: i64) -> Option<Person> {
        let number = *self.persons.get(index(id))?;
        (number != NOBODY).then(|| Person::from_number(number))
    }

    /// How many people I really follow.
    pub fn own_follows(&self) -> usize {
        self.follows().count()
    }

    /// Whom I really follow, in no order.
    pub fn follows(&self) -> impl Iterator<Item = Person> {
        self.ranks.reader().into_iter().flat_map(|reader| self.followed_by(reader))
    }

    /// Whom somebody follows, in no order.
    pub fn followed_by(&self, person: Person) -> impl Iterator<Item = Person> {
        self.ranks.graph().follows(person)
    }

    /// Whether I really follow somebody, not only for the time being.
    pub fn is_followed(&self, person: Person) -> bool {
        let graph = self.ranks.graph();
        self.ranks.reader().is_some_and(|reader| graph.is_followed(reader, person))
    }

    /// The number of somebody, whose key gets one if it has none.
    fn intern(&mut self, db: &Connection, id: i64) -> Result<Person, StoreError> {
        if let Some(person) = self.person(id) {
            return Ok(person);
        }
        let mut find = db.prepare_cached("SELECT key FROM keys WHERE id = ?1")?;
        let person = self.ranks.intern(&parse_key(find.query_row([id], |row| row.get(0))?)?);
        let at = index(id);
        if self.persons.len() <= at {
            self.persons.resize(at + 1, NOBODY);
        }
        self.persons[at] = person.number();
        self.find_current(db, id, person)?;
        Ok(person)
    }

    /// Who follows this key follows the current one of its chain.
    fn find_current(&mut self, db: &Connection, id: i64, key: Person) -> Result<(), StoreError> {
        let current = match successions::current(db, id)? {
            Some(current) => Some(self.intern(db, current)?),
            None => None,
        };
        self.ranks.set_current(key, current);
        Ok(())
    }

    fn edit(&mut self, db: &Connection, edit: Edit) -> Result<(), StoreError> {
        match edit {
            Edit::Follow { follower, followed, follows } => {
                let (follower, followed) = (self.intern(db, follower)?, self.intern(db, followed)?);
                if follows {
                    self.ranks.follow(follower, followed);
                } else {
                    self.ranks.unfollow(follower, followed);
                }
            }
            Edit::Mute { person, muted } => {
                let person = self.intern(db, person)?;
                self.ranks.mute(person, muted);
            }
            Edit::Succession(key) => {
                for id in successions::through(db, key, usize::MAX)? {
                    if let Some(person) = self.person(id) {
                        self.find_current(db, id, person)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Another key is mine.
    pub fn set_reader(&mut self, db: &Connection, me: Option<Me>) -> Result<Change, StoreError> {
        let muted = read_muted(db)?;
        let ranks = std::mem::replace(&mut self.ranks, Ranks::new(Graph::default(), None, []));
        let key = me.map(|me| me.key);
        let (ranks, change) = ranks.for_reader(key.as_ref(), muted);
        self.ranks = ranks;
        self.find_reader(db, me)?;
        Ok(change)
    }

    /// These count as followed for the time being, by number of `keys`.
    pub fn set_provisional(&mut self, db: &Connection, ids: &[i64]) -> Result<(), StoreError> {
        let people = ids.iter().map(|id| self.intern(db, *id)).collect::<Result<Vec<_>, _>>()?;
        self.ranks.set_provisional(people);
        Ok(())
    }

    /// Works through what changed since, and says whose standing is another now.
    pub fn settle(&mut self) -> Change {
        self.ranks.settle()
    }
}

impl Trust {
    /// Looks at it, if it is loaded.
    pub fn with<T>(&self, look: impl FnOnce(&Loaded) -> T) -> Option<T> {
        match &*self.state.read() {
            State::Loaded(loaded) => Some(look(loaded)),
            State::Unloaded | State::AllStale | State::Loading(_) => None,
        }
    }

    /// Whether the graph is in memory.
    pub fn is_loaded(&self) -> bool {
        self.with(|_| ()).is_some()
    }

    /// Changes it; `None` if it is not loaded. Only while the writing connection is held.
    pub fn change<T>(
        &self,
        db: &Connection,
        edits: &[Edit],
        then: impl FnOnce(&mut Loaded) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match &mut *self.state.write() {
            State::Unloaded | State::AllStale => Ok(None),
            State::Loading(later) => {
                later.extend_from_slice(edits);
                Ok(None)
            }
            State::Loaded(loaded) => {
                edits.iter().try_for_each(|edit| loaded.edit(db, *edit))?;
                then(loaded).map(Some)
            }
        }
    }

    /// Something is changed that is not remembered: whether all items must become stale for it.
    pub fn loses_changes(&self) -> bool {
        let mut state = self.state.write();
        let first = matches!(*state, State::Unloaded);
        if first {
            *state = State::AllStale;
        }
        first
    }

    /// What it holds may not be what the database holds: it is loaded anew.
    pub fn forget(&self) {
        *self.state.write() = State::Unloaded;
    }

    /// From here on changes are remembered until [`Trust::finish`]. False if it is loaded, or being so.
    /// Only while the writing connection is held.
    pub fn begin(&self) -> bool {
        let mut state = self.state.write();
        let unloaded = matches!(*state, State::Unloaded | State::AllStale);
        if unloaded {
            *state = State::Loading(Vec::new());
        }
        unloaded
    }

    /// What was read, and what changed since, which is still to be settled. Only while the writing
    /// connection is held.
    pub fn finish(&self, db: &Connection, mut loaded: Loaded) -> Result<(), StoreError> {
        let mut state = self.state.write();
        if let State::Loading(later) = &*state {
            later.iter().try_for_each(|edit| loaded.edit(db, *edit))?;
            *state = State::Loaded(Box::new(loaded));
        }
        Ok(())
    }
}

/// Numbers of rows are positive.
fn index(id: i64) -> usize {
    usize::try_from(id).unwrap_or_default()
}

fn read_graph(db: &Connection, people: People, persons: &[u32]) -> Result<Graph, StoreError> {
    let person = |id: i64| Person::from_number(persons.get(index(id)).copied().unwrap_or(NOBODY));
    let mut select = db.prepare("SELECT follower, followed FROM follows ORDER BY follower")?;
    let mut rows = select.query([])?;
    let mut failed = None;
    let mut next = || match rows.next() {
        Ok(Some(row)) => Some((row.get(0).ok()?, row.get(1).ok()?)),
        Ok(None) => None,
        Err(error) => {
            failed = Some(error);
            None
        }
    };
    let mut ahead: Option<(i64, i64)> = next();
    let lists = std::iter::from_fn(|| {
        let (follower, first) = ahead?;
        let mut list = vec![person(first)];
        loop {
            ahead = next();
            match ahead {
                Some((same, followed)) if same == follower => list.push(person(followed)),
                _ => break,
            }
        }
        Some((person(follower), list))
    });
    let graph = Graph::load(people, lists)
        .map_err(|error| StoreError::row("follows", error.to_string()))?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(graph),
    }
}

/// Of the keys with a part in the graph that were succeeded: the current one, none if there is none.
fn read_successions(
    db: &Connection,
    has_part: impl Fn(i64) -> bool,
) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    let mut select = db.prepare("SELECT DISTINCT old FROM successions")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let key = row.get(0)?;
        if has_part(key) {
            found.push((key, successions::current(db, key)?));
        }
    }
    Ok(found)
}

fn read_muted(db: &Connection) -> Result<Vec<PublicKey>, StoreError> {
    let mut select = db.prepare_cached("SELECT key FROM mutes JOIN keys ON id = author")?;
    select.query_map([], |row| row.get(0))?.map(|key| parse_key(key?)).collect()
}
