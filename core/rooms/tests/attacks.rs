//! Members of a board who do all that the protocol lets them do so that somebody who joins it gets nothing.
#![allow(clippy::unwrap_used)]

mod network;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    ops::RangeInclusive,
};

use network::{Network, Player, START, Stage, records::records};
use upseed_model::{
    BoardName, WorkId,
    sync::{DayDigest, Event, Frame, Options, Role, Session, Sets, Source, day_of},
};
use upseed_rooms::{Input, PeerId};
use upseed_store::Store;

/// Records of the board.
const RECORDS: u64 = 600;

const JOINER: usize = 0;
const HONEST: usize = 1;
const FIRST_LIAR: usize = 2;

/// What honest members have.
struct Have(Store);

impl Source for Have {
    fn digests(&self, board: &BoardName, days: RangeInclusive<u64>, bits: u8) -> Vec<DayDigest> {
        let rows = self.0.digests(board, days, bits).unwrap().into_iter();
        rows.map(|row| DayDigest { day: row.day, count: row.count, sum: row.sum }).collect()
    }

    fn day(&self, board: &BoardName, day: u64, bits: u8) -> Vec<(u64, WorkId)> {
        self.0.day(board, day, bits).unwrap()
    }

    fn unknown(&self, _: &[WorkId]) -> Vec<WorkId> {
        Vec::new()
    }
}

/// Names whatever the honest members have.
struct Liar {
    have: Have,
    /// Each with what it was asked for and did not give, and how much it gave.
    sessions: BTreeMap<PeerId, (Session, BTreeSet<WorkId>, usize)>,
    kind: Kind,
}

#[derive(Clone, Default)]
struct Kind {
    /// Whom it dials, and how many connections it keeps up.
    dials: Option<SocketAddr>,
    connections: usize,
    /// It names all before it is asked.
    races: bool,
    /// Seconds after each of which it gives one record on each connection.
    trickles: Option<u64>,
    /// Seconds after which it comes anew.
    comes_back: Option<u64>,
    /// Records that it gives on each connection before it gives none.
    gives: usize,
}

impl Liar {
    fn work(&mut self, id: PeerId, stage: &mut Stage) {
        let Some((session, owed, gave)) = self.sessions.get_mut(&id) else { return };
        loop {
            while let Some(event) = session.next_event() {
                match event {
                    Event::Serve(ids) => {
                        let (now, later) = ids.split_at(ids.len().min(self.kind.gives - *gave));
                        let found = self.have.0.records(now, usize::MAX).unwrap();
                        let found = found.into_iter().filter_map(|(id, of)| Some((id, of?)));
                        session.serve(found.collect(), &[]);
                        *gave += now.len();
                        owed.extend(later);
                    }
                    Event::Ready if self.kind.races => {
                        let days = (0..31).map(|day| day_of(START) - day);
                        let board = BoardName::upseed();
                        let ids: Vec<_> = days
                            .flat_map(|day| self.have.day(&board, day, 0))
                            .map(|(_, work)| work)
                            .collect();
                        for ids in ids.chunks(1_024) {
                            stage.send(id, Frame::Have(ids.to_vec()).to_bytes());
                        }
                    }
                    _ => {}
                }
            }
            let Some(frame) = session.next_frame() else { return };
            stage.send(id, frame);
        }
    }
}

impl Player for Liar {
    fn hear(&mut self, input: Input, stage: &mut Stage) {
        match input {
            Input::PeerOpened { peer, outgoing, .. } => {
                let role = if outgoing { Role::Dialler } else { Role::Listener };
                let (board, first) = (BoardName::upseed(), day_of(START) - 30);
                let options = Options { board, first, min_bits: 0 };
                let session = Session::new(role, options, &Sets::default(), stage.now);
                self.sessions.insert(peer, (session, BTreeSet::new(), 0));
                self.work(peer, stage);
            }
            Input::Frame { peer, frame } => {
                if let Some((session, ..)) = self.sessions.get_mut(&peer) {
                    session.receive(&frame, &self.have, stage.now).unwrap();
                    self.work(peer, stage);
                }
            }
            Input::PeerClosed { peer, .. } => drop(self.sessions.remove(&peer)),
            _ => {}
        }
    }

    fn second(&mut self, stage: &mut Stage) {
        let now = stage.now;
        let due = |every: Option<u64>| every.is_some_and(|every| now.is_multiple_of(every));
        if due(self.kind.comes_back) {
            std::mem::take(&mut self.sessions).into_keys().for_each(|peer| stage.close(peer));
        }
        if due(self.kind.trickles) {
            for (session, owed, _) in self.sessions.values_mut() {
                let Some(work) = owed.pop_first() else { continue };
                let record = self.have.0.records(&[work], usize::MAX).unwrap().remove(0);
                session.serve(vec![(work, record.1.unwrap())], &[]);
            }
        }
        let ids: Vec<_> = self.sessions.keys().copied().collect();
        for id in ids {
            if let Some((session, ..)) = self.sessions.get_mut(&id) {
                session.tick(&self.have, stage.now).unwrap();
            }
            self.work(id, stage);
        }
        if let Some(addr) = self.kind.dials {
            (self.sessions.len()..self.kind.connections).for_each(|_| stage.dial(addr));
        }
    }
}

/// One machine in a network of its own.
fn addr(n: usize) -> SocketAddr {
    ([20 + (n / 200) as u8, n as u8, 3, 1], 6_881).into()
}

/// Somebody joins a board with an honest member, 150 ms away, and these liars, all of them known to the DHT. Gives the
/// seconds until all is there.
fn join(liars: &[Kind], seed: u64) -> Option<u64> {
    join_at((0..FIRST_LIAR + liars.len()).map(addr).collect(), 1, liars, seed)
}

fn join_at(addrs: Vec<SocketAddr>, honest: usize, liars: &[Kind], seed: u64) -> Option<u64> {
    let mut network = Network::at(addrs, Vec::new(), seed);
    network.is_logged = false;
    network.parallel = liars.iter().map(|liar| liar.connections).max().unwrap_or(1).max(1);
    let all = records(RECORDS);
    let rendezvous = BoardName::upseed().rendezvous();
    let honest = HONEST..HONEST + honest;
    for node in honest.clone() {
        network.nodes[node].store.ingest(&all, START).unwrap();
        network.nodes[node].delay = 150;
        network.join(node);
    }
    let have = network.nodes[HONEST].store.clone();
    for (node, kind) in (honest.end..).zip(liars.iter().cloned()) {
        let addr = network.nodes[node].addr;
        network.dht.entry(rendezvous).or_default().insert(addr);
        let (have, sessions) = (Have(have.clone()), BTreeMap::new());
        network.play(node, Liar { have, sessions, kind });
    }
    network.join(JOINER);
    let whole = count(&have);
    assert_eq!(whole, RECORDS);
    network.run_until(400, |network| count(&network.nodes[JOINER].store) == whole)
}

fn count(store: &Store) -> u64 {
    let days = 0..=day_of(START) + 1;
    store.digests(&BoardName::upseed(), days, 0).unwrap().iter().map(|day| day.count).sum()
}

/// With liars it takes at most twice as long as without, and 15 seconds.
#[track_caller]
fn is_not_stalled(what: &str, liars: &[Kind]) {
    for seed in 1..=3 {
        let alone = join(&[], seed).expect("an honest member is enough");
        let among_liars = join(liars, seed);
        let is_quick = among_liars.is_some_and(|took| took <= 2 * alone + 15);
        assert!(is_quick, "{what}: {among_liars:?} s; without them {alone} s");
    }
}

fn nine(kind: &Kind) -> Vec<Kind> {
    vec![kind.clone(); 9]
}

#[test]
fn nine_liars_of_ten_who_give_nothing_do_not_stall_a_joiner() {
    is_not_stalled("they are dialled", &nine(&Kind::default()));
}

#[test]
fn nor_do_they_when_they_are_the_first_to_name_everything() {
    is_not_stalled("they race", &nine(&Kind { races: true, ..Kind::default() }));
}

#[test]
fn nor_when_they_give_one_record_now_and_then() {
    for seconds in [8, 1] {
        let kind = Kind { races: true, trickles: Some(seconds), ..Kind::default() };
        is_not_stalled("they trickle", &nine(&kind));
    }
}

#[test]
fn nor_when_they_dial_and_come_back_before_they_are_found_out() {
    let dials = Some(addr(JOINER));
    for comes_back in [None, Some(9), Some(2)] {
        let kind = Kind { dials, connections: 1, races: true, comes_back, ..Kind::default() };
        is_not_stalled("they dial", &nine(&kind));
    }
}

#[test]
fn nor_when_they_gave_something_at_first() {
    let kind = Kind { gives: 40, races: true, ..Kind::default() };
    is_not_stalled("they give something", &nine(&kind));
}

#[test]
fn two_machines_with_four_connections_each_do_not_stall_a_joiner() {
    let kind = Kind {
        dials: Some(addr(JOINER)),
        connections: 4,
        races: true,
        comes_back: Some(9),
        ..Kind::default()
    };
    is_not_stalled("two machines", &vec![kind; 2]);
}

#[test]
fn who_was_dialled_in_vain_makes_room_for_others() {
    // More than are dialled at once, and the honest ones are named last.
    let addrs = |n: usize| match n {
        JOINER => addr(0),
        1..=3 => ([90, n as u8, 3, 1], 6_881).into(),
        n => addr(n),
    };
    let liars = vec![Kind { races: true, ..Kind::default() }; 27];
    let took = join_at((0..31).map(addrs).collect(), 3, &liars, 1);
    assert!(took.is_some_and(|took| took <= 60), "{took:?}");
}

/// One who hosts every text and one who says that it does: the second is known to have given much.
#[test]
fn who_gives_no_text_is_not_waited_for() {
    let mut network = Network::of(3, 1);
    network.is_logged = false;
    let text = b"Every cat is a good cat.";
    let item = network::post("Cats", text);
    let liar = 2;
    network.nodes[HONEST].store.publish(&item, text, START).unwrap();
    let have = network.nodes[HONEST].store.clone();
    let (have, sessions) = (Have(have), BTreeMap::new());
    let kind =
        Kind { dials: Some(network::addr(JOINER)), connections: 1, gives: 1, ..Kind::default() };
    network.play(liar, Liar { have, sessions, kind });
    network.join(JOINER);
    network.run(5);
    assert!(network.has_item(JOINER, &item), "the liar gave it");
    network.join(HONEST);
    let took = network.run_until(60, |network| network.text(JOINER, &item).is_some());
    assert!(took.is_some_and(|took| took <= 5), "{took:?}");
}

/// Says something that is no frame, whenever it has a connection.
struct Babbler(SocketAddr);

impl Player for Babbler {
    fn hear(&mut self, input: Input, stage: &mut Stage) {
        if let Input::PeerOpened { peer, .. } = input {
            stage.send(peer, b"garbage".to_vec());
        }
    }

    fn second(&mut self, stage: &mut Stage) {
        stage.dial(self.0);
    }
}

#[test]
fn a_neighbour_who_lies_does_not_cut_off_the_users_own_peer() {
    let (own, neighbour) = (addr(HONEST), ([20, 1, 3, 77], 6_881).into());
    let mut network = Network::at(vec![addr(JOINER), own, neighbour], vec![own], 1);
    network.is_logged = false;
    let all = records(20);
    network.nodes[HONEST].store.ingest(&all, START).unwrap();
    network.play(2, Babbler(addr(JOINER)));
    network.join(JOINER);
    network.run(5);
    assert_eq!(network.nodes[JOINER].engine.connected(), [], "the neighbour is kept away");
    network.join(HONEST);
    let took = network.run_until(60, |network| count(&network.nodes[JOINER].store) == 20);
    assert!(took.is_some(), "nothing came from the user's own peer");
}

#[test]
fn who_came_first_and_does_nothing_makes_room_for_a_newcomer() {
    const PLACES: usize = 160;
    let (newcomer, full) = (0, HONEST);
    let crowd = (0..PLACES).map(|n| ([30, (n / 4) as u8, 3, n as u8 % 4 + 1], 6_881).into());
    let addrs = [addr(newcomer), addr(full)].into_iter().chain(crowd).collect();
    let mut network = Network::at(addrs, vec![addr(full)], 1);
    network.is_logged = false;
    let all = records(20);
    network.nodes[full].store.ingest(&all, START).unwrap();
    network.join(full);
    for node in FIRST_LIAR..FIRST_LIAR + PLACES {
        let (have, sessions) = (Have(Store::open_in_memory().unwrap()), BTreeMap::new());
        let kind = Kind { dials: Some(addr(full)), connections: 1, ..Kind::default() };
        network.play(node, Liar { have, sessions, kind });
    }
    network.run(20);
    assert_eq!(network.nodes[full].engine.status().boards[0].people, PLACES);
    network.join(newcomer);
    let took = network.run_until(30, |network| count(&network.nodes[newcomer].store) == 20);
    assert!(took.is_some(), "a newcomer gets nothing");
    // They come back at once, and take the place of each other.
    network.run(30);
    assert!(network.nodes[newcomer].engine.connected().contains(&addr(full)));
}
