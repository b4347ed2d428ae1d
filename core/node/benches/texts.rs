//! Texts of 1,000 items: over a board's connection, against one connection each with libtorrent's best settings. Every text
//! is checked as a node checks it (SHA-1, SHA-256, UTF-8). Real libtorrent on loopback over TCP, in this process.
//!
//!     cargo bench -p upseed-node --bench texts
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use support::{Fixture, author_of, board, config, fixtures, measuring, report, stated};
use upseed_model::{
    BoardName, Record, WorkId,
    item::TextMatch,
    sync::{DayDigest, Event, Options, Role, Session, Sets, Source, day_of},
};
use upseed_node::{Node, NodeEvent, now};
use upseed_store::Store;
use upseed_swarm::{Event as SwarmEvent, PeerId, Settings, Swarm, SwarmError};

const TEXTS: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let rounds = if measuring() { 7 } else { 1 };
    let items = &fixtures()[..TEXTS];
    let bytes: usize = items.iter().map(|(_, text)| text.len()).sum();
    println!("{TEXTS} texts of {} bytes on average", bytes / TEXTS);
    let best = |run: &dyn Fn() -> f64| {
        let rates = (0..rounds).map(|_| TEXTS as f64 / run());
        rates.fold(0.0, f64::max)
    };
    let unknown = best(&|| one_connection_each(items, false));
    let known = best(&|| one_connection_each(items, true));
    let floor = unknown.max(known);
    let floor_text = format!("one connection each: {known:.0}/s, header unknown {unknown:.0}/s");
    let ours = best(&|| over_one_connection(items));
    report(
        "texts of 1,000 items over a board's connection",
        &format!("{ours:.0}/s"),
        &floor_text,
        &format!("{:.1}", ours / floor),
        "ratio >= 10",
        ours / floor >= 10.0,
    );
    let nodes = best(&|| between_nodes(items));
    stated(
        "the same between two whole nodes, into the store",
        &format!("{nodes:.0}/s"),
        &floor_text,
        &format!("{:.1}", nodes / floor),
    );
}

fn settings() -> Settings {
    Settings {
        listen: vec![([127, 0, 0, 1], 0).into()],
        dht: false,
        private_network: true,
        lsd: false,
        outgoing_utp: false,
        ..Settings::default()
    }
}

struct Shelf(HashMap<[u8; 20], Vec<u8>>);

impl upseed_swarm::Texts for Shelf {
    fn read(&self, infohash: &[u8; 20]) -> Option<Vec<u8>> {
        self.0.get(infohash).cloned()
    }
}

fn swarm(items: &[Fixture]) -> (Swarm, Receiver<SwarmEvent>) {
    let (sender, events) = channel();
    let shelf = items.iter().map(|(item, text)| (*item.infohash().as_bytes(), text.clone()));
    let swarm = Swarm::start(settings(), Arc::new(Shelf(shelf.collect())), move |event| {
        let _ = sender.send(event);
    });
    (swarm.unwrap(), events)
}

fn address(swarm: &Swarm) -> SocketAddr {
    ([127, 0, 0, 1], swarm.listen_port()).into()
}

/// Seconds for all of them, asked for together.
fn one_connection_each(items: &[Fixture], known: bool) -> f64 {
    let (seed, _events) = swarm(items);
    let info = |(item, _): &Fixture| (*item.infohash().as_bytes(), item.header().to_vec());
    seed.host_many(items.iter().map(info).collect()).unwrap();
    while (seed.status().hosted as usize) < items.len() {
        thread::sleep(Duration::from_millis(1));
    }
    let by_infohash: HashMap<_, _> =
        items.iter().map(|(item, _)| (*item.infohash().as_bytes(), item)).collect();
    let (leech, events) = swarm(&[]);
    let start = Instant::now();
    for (item, _) in items {
        let info = known.then(|| item.header().to_vec());
        leech.fetch(*item.infohash().as_bytes(), info, vec![address(&seed)], vec![]).unwrap();
    }
    let mut left = items.len();
    while left > 0 {
        match events.recv_timeout(PATIENCE).unwrap() {
            SwarmEvent::Fetched { infohash, text, .. } => {
                assert!(matches!(by_infohash[&infohash].check_text(&text), TextMatch::Good(_)));
                left -= 1;
            }
            SwarmEvent::FetchFailed { detail, .. } => panic!("{detail}"),
            _ => {}
        }
    }
    start.elapsed().as_secs_f64()
}

/// Both know the same records.
struct Nothing;

impl Source for Nothing {
    fn digests(&self, _: &BoardName, _: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        Vec::new()
    }
    fn day(&self, _: &BoardName, _: u64, _: u8) -> Vec<(u64, WorkId)> {
        Vec::new()
    }
    fn unknown(&self, _: &[WorkId]) -> Vec<WorkId> {
        Vec::new()
    }
}

/// A session on a connection, driven as `rooms` drives it.
struct Side {
    swarm: Swarm,
    peer: PeerId,
    session: Session,
    unsent: Option<Vec<u8>>,
}

impl Side {
    fn meet(swarm: Swarm, events: &Receiver<SwarmEvent>) -> Self {
        loop {
            if let SwarmEvent::PeerOpened { peer, outgoing, .. } =
                events.recv_timeout(PATIENCE).unwrap()
            {
                let options = Options { board: board(), first: day_of(now()) - 30, min_bits: 0 };
                let role = if outgoing { Role::Dialler } else { Role::Listener };
                let session = Session::new(role, options, &Sets::default(), now());
                let mut side = Self { swarm, peer, session, unsent: None };
                side.flush();
                return side;
            }
        }
    }

    fn take(&mut self, event: &SwarmEvent) {
        if let SwarmEvent::Frame { frame, .. } = event {
            self.session.receive(frame, &Nothing, now()).unwrap();
        }
    }

    fn flush(&mut self) {
        while let Some(frame) = self.unsent.take().or_else(|| self.session.next_frame()) {
            match self.swarm.send(self.peer, &frame) {
                Ok(()) => {}
                Err(SwarmError::Full(_)) => return self.unsent = Some(frame),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Seconds from the first question to the last checked text, on a connection that is there.
fn over_one_connection(items: &[Fixture]) -> f64 {
    let (a, a_events) = swarm(&[]);
    let (b, b_events) = swarm(&[]);
    let rendezvous = *board().rendezvous().as_bytes();
    a.join(rendezvous);
    b.join(rendezvous);
    b.connect(rendezvous, address(&a));
    let texts: HashMap<WorkId, Vec<u8>> =
        items.iter().map(|(item, text)| (item.work(), text.clone())).collect();
    let giving = thread::spawn(move || {
        let mut side = Side::meet(a, &a_events);
        while let Ok(event) = a_events.recv_timeout(PATIENCE) {
            if matches!(event, SwarmEvent::PeerClosed { .. }) {
                return;
            }
            side.take(&event);
            side.flush();
            while let Some(event) = side.session.next_event() {
                if let Event::TextsWanted(ids) = event {
                    let texts = ids.iter().map(|id| (*id, texts[id].clone())).collect();
                    side.session.send_texts(texts, &[]);
                    side.flush();
                }
            }
        }
    });

    let known: HashMap<WorkId, _> = items.iter().map(|(item, _)| (item.work(), item)).collect();
    let mut side = Side::meet(b, &b_events);
    let ids: Vec<WorkId> = items.iter().map(|(item, _)| item.work()).collect();
    let (mut left, mut start) = (items.len(), None);
    while left > 0 {
        side.take(&b_events.recv_timeout(PATIENCE).unwrap());
        while let Some(event) = side.session.next_event() {
            match event {
                // the comparison ends at once; the connection is then quiet
                Event::Compared => {
                    start = Some(Instant::now());
                    assert!(side.session.want_texts(&ids, now()).is_empty());
                }
                Event::Texts(texts) => {
                    for (work, text) in texts {
                        assert!(matches!(known[&work].check_text(&text), TextMatch::Good(_)));
                        left -= 1;
                    }
                }
                _ => {}
            }
        }
        side.flush();
    }
    let seconds = start.unwrap().elapsed().as_secs_f64();
    drop(side);
    giving.join().unwrap();
    seconds
}

/// Seconds between the first text that is kept and the last, at the pace of the whole: one node has written the items, the
/// other knows their headers.
fn between_nodes(items: &[Fixture]) -> f64 {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    author_of(folders[0].path(), items);
    let store = Store::open(&folders[1].path().join("upseed.db")).unwrap();
    let records: Vec<_> = items.iter().map(|(item, _)| Record::Item(item.clone())).collect();
    store.ingest(&records, now()).unwrap();
    drop(store);

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let author = Node::start(config(folders[0].path(), Vec::new())).await.unwrap();
        let port = author.status().await.unwrap().swarm_port;
        let reader = Node::start(config(folders[1].path(), vec![([127, 0, 0, 1], port).into()]))
            .await
            .unwrap();
        let mut events = reader.events();
        let (mut first, mut last, mut at_first, mut count) = (None, Instant::now(), 0, 0);
        while count < items.len() {
            let event =
                tokio::time::timeout(PATIENCE, events.recv()).await.expect("texts").unwrap();
            if let NodeEvent::Text { .. } = event {
                last = Instant::now();
                let first = *first.get_or_insert(last);
                count += 1;
                // what came in one frame is kept in one transaction and told at once
                if last - first < Duration::from_micros(200) {
                    at_first = count;
                }
            }
        }
        reader.stop().await;
        author.stop().await;
        let paced = (count - at_first).max(1) as f64;
        (last - first.unwrap()).as_secs_f64() * count as f64 / paced
    })
}
