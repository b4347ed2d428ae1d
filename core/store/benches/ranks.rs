//! Scores in a store of 1,000,000 people, 20,000,000 follows, 1,000,000 posts and 10,000,000 votes: loading who
//! follows whom, a ballot of 256 votes, a follow and what it makes stale, and the memory of all of it.
//!
//! The rows are invented (no statement was signed for them); the ballots and follows that are timed are records
//! like any others. Popularity of people and posts is a power law.
//!
//!     cargo bench -p upseed-store --bench ranks
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use upseed_model::{
    BoardName, ItemDraft, Kind, Record, SecretKey, SignedItem, Statement, StatementDraft, WorkId,
    statement::Slot,
};
use upseed_store::{Store, bench::FakePost};

const NOW: u64 = 1_800_057_600;

/// Keys that sign: the first people, the reader before all.
const SIGNERS: u32 = 60;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The n-th most popular by 1/√n.
    fn popular(&mut self, of: u32) -> u32 {
        let part = ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        (part.powi(2) * f64::from(of)) as u32 % of
    }
}

fn signer(number: u32) -> SecretKey {
    let mut seed = [3; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    SecretKey::from_seed(&seed)
}

fn work(number: u32) -> [u8; 32] {
    let mut work = [0; 32];
    work[4..8].copy_from_slice(&number.to_be_bytes());
    work[20..28].copy_from_slice(&Random(u64::from(number)).next().to_be_bytes());
    work
}

fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
    found.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_000.0
}

fn report(name: &str, measured: &str, target: &str, met: bool) {
    let verdict = if met { "ok" } else { "MISSED" };
    println!("{name} | {measured} | - | - | {target} | {verdict}");
}

fn statement(author: u32, time: u64, content: Statement) -> Record {
    let key = signer(author);
    let boards = vec!["bench".parse().unwrap()];
    let draft = StatementDraft { author: key.public(), boards, time, content };
    Record::from_bytes(&draft.puzzle(0).solve(&key)).unwrap()
}

/// People 1 … `people`, of whom the first have keys that sign; number 1 is the reader.
fn fill(db: &Connection, people: u32, follows: u32, items: u32, votes: u32) {
    let mut random = Random(1);
    let mut insert = db.prepare("INSERT INTO keys VALUES (?1, ?2)").unwrap();
    for number in 1..=people {
        let mut key = *signer(number).public().as_bytes();
        if number > SIGNERS {
            key = [1; 32];
            key[..8].copy_from_slice(&Random(u64::from(number)).next().to_be_bytes());
        }
        insert.execute((number, key)).unwrap();
    }
    let mut insert =
        db.prepare("INSERT INTO follows VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING").unwrap();
    for follower in 1..=people {
        let chosen: BTreeSet<u32> = if follower == 1 {
            (2..=51).collect()
        } else {
            (0..follows / people).map(|_| 1 + random.popular(people)).collect()
        };
        for followed in chosen.into_iter().filter(|followed| *followed != follower) {
            insert.execute((follower, followed)).unwrap();
        }
    }
    let board: i64 =
        db.query_row("SELECT id FROM names WHERE name = 'bench'", [], |row| row.get(0)).unwrap();
    let mut insert =
        db.prepare("INSERT INTO votes VALUES (?1, ?2, ?3, 1) ON CONFLICT DO NOTHING").unwrap();
    // In the order of their targets, as fast as SQLite can.
    let mut counts = vec![0_u32; items as usize];
    (0..votes).for_each(|_| counts[random.popular(items) as usize] += 1);
    for (item, count) in (0..).zip(counts) {
        for _ in 0..count {
            insert.execute((work(item), board, 1 + random.popular(people))).unwrap();
        }
    }
}

fn prepare(path: &Path, people: u32, follows: u32, items: u32, votes: u32) {
    let key = signer(people);
    let draft = ItemDraft {
        author: key.public(),
        board: "bench".parse().unwrap(),
        kind: Kind::Post { title: "An ordinary title of an ordinary post".parse().unwrap() },
        time: NOW,
        text: b"text",
    };
    let header = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
    let store = Store::open(path).unwrap();
    let board: BoardName = "bench".parse().unwrap();
    let year = 365 * 86_400;
    for start in (0..items).step_by(50_000) {
        let posts = (start..items.min(start + 50_000)).map(|number| FakePost {
            work: work(number),
            board,
            time: NOW - year + u64::from(number) * year / u64::from(items),
            votes: 0,
            hidden: false,
        });
        store.insert_fakes(&header, posts).unwrap();
    }
    store
        .sql(|db| {
            // The author of the invented posts has a number already.
            db.execute("UPDATE keys SET id = ?1", [people + 1]).unwrap();
            db.execute("UPDATE items SET author = ?1", [people + 1]).unwrap();
            fill(db, people, follows, items, votes);
        })
        .unwrap();
    store.set_me(Some(signer(1).public())).unwrap();
}

fn ballots(items: u32, who: impl Iterator<Item = u32>) -> Vec<Record> {
    let mut random = Random(9);
    who.map(|voter| {
        let chosen: BTreeSet<WorkId> = std::iter::repeat_with(|| random.popular(items))
            .map(|item| WorkId::from_bytes(work(item)))
            .take(400)
            .collect();
        let targets = chosen.into_iter().take(256).collect();
        let slot = Slot { device: [1; 4], number: 0 };
        statement(voter, NOW + u64::from(voter), Statement::Ballot { slot, targets })
    })
    .collect()
}

fn times(store: &Store, records: &[Record]) -> Vec<Duration> {
    let mut times: Vec<Duration> = records
        .iter()
        .map(|record| {
            let start = Instant::now();
            store.ingest(std::slice::from_ref(record), NOW + 100).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    // `cargo test --benches` only wants to see that it works.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (people, follows, items, votes) = if whole {
        (1_000_000, 20_000_000, 1_000_000, 10_000_000)
    } else {
        (2_000, 20_000, 2_000, 10_000)
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("upseed.db");
    let start = Instant::now();
    prepare(&path, people, follows, items, votes);
    println!("prepared in {:.0} s", start.elapsed().as_secs_f64());

    let before = memory("VmRSS");
    let store = Store::open(&path).unwrap();
    let start = Instant::now();
    store.load_ranks().unwrap();
    let loading = start.elapsed();
    let graph = memory("VmRSS") - before;
    report(
        "who follows whom, loaded at the start beside everything else",
        &format!("{:.1} s", loading.as_secs_f64()),
        "stated",
        true,
    );
    report("memory of that", &format!("{graph:.0} MB"), "at most 250 MB", !whole || graph <= 250.0);

    // What the follows make of the votes that are there: as after a restore on a new machine.
    store
        .sql(|db| _ = db.execute("INSERT INTO stale SELECT item FROM ranks", []).unwrap())
        .unwrap();
    let start = Instant::now();
    while store.rescore().unwrap() {}
    report(
        "every post scored again, in the background",
        &format!("{:.0} s", start.elapsed().as_secs_f64()),
        "stated",
        true,
    );

    let strangers = times(&store, &ballots(items, 52..55));
    let near = times(&store, &ballots(items, 2..5));
    for (whose, times) in [("somebody the reader follows", &near), ("a stranger", &strangers)] {
        let (p50, worst) = (ms(times[times.len() / 2]), ms(times[times.len() - 1]));
        report(
            &format!("a ballot of 256 votes by {whose}, durable"),
            &format!("p50 {p50:.1} ms, worst {worst:.1} ms"),
            "at most 20 ms",
            p50 <= 20.0,
        );
    }

    let mut random = Random(5);
    let lists: Vec<Record> = (2..=51)
        .map(|who| {
            let key = signer(SIGNERS - random.popular(9));
            let slot = Slot { device: [2; 4], number: 0 };
            let content = Statement::Follows { slot, name: None, targets: vec![key.public()] };
            statement(who, NOW + 50, content)
        })
        .collect();
    let (mut taken, mut settled) = (Vec::new(), Vec::new());
    for list in &lists {
        let start = Instant::now();
        store.ingest(std::slice::from_ref(list), NOW + 100).unwrap();
        taken.push(start.elapsed());
        while store.rescore().unwrap() {}
        settled.push(start.elapsed());
    }
    taken.sort();
    settled.sort();
    report(
        "a follow by somebody the reader follows, durable",
        &format!("p50 {:.1} ms, worst {:.1} ms", ms(taken[25]), ms(taken[49])),
        "stated",
        true,
    );
    report(
        "until everything is scored by it",
        &format!("p50 {:.0} ms, worst {:.0} ms", ms(settled[25]), ms(settled[49])),
        "stated",
        true,
    );
}
