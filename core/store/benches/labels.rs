//! What labels cost: taking a labeller's 100,000 in, telling what a subscription to them would do among
//! 1,000,000 posts, subscribing, unsubscribing, and looking up the labels of one page.
//!
//! One board that has grown: half of the posts spread over a year, half over its last month, by 50,000
//! people. Nine of ten labels are of posts, one of ten of a person; the reader follows 2,000 people. Most
//! labels are put into the table as they are; only some statements are mined, once (a minute or two),
//! kept under `target/`, and taken in as others' statements are.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use upseed_model::{
    BoardName, ItemDraft, Kind, PublicKey, Record, SecretKey, SignedItem, Statement,
    StatementDraft, WorkId,
    moderation::{LabelAction, LabelActions},
    pow::required_bits,
    statement::{Label, LabelTarget, Slot},
    text::Title,
};
use upseed_store::{Store, bench::FakePost};

const NOW: u64 = 1_800_057_600;
const YEAR: u64 = 365 * 86_400;
const POSTS: u32 = 1_000_000;
const PEOPLE: i64 = 50_000;
const LABELS: usize = 100_000;
const FOLLOWS: i64 = 2_000;
/// Statements that are mined, of 1,563.
const NEW: usize = 128;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 16
    }
}

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("labels.db");
    let store = Store::open(&path).unwrap();
    let board: BoardName = "bench".parse().unwrap();
    store.join(&board, &[], NOW).unwrap();
    fill(&store, board);
    let (works, keys) = targets(&store);
    let labeller = SecretKey::from_seed(&[9; 32]);
    let drafts = say(&labeller, board, &works, &keys);
    let sizes: Vec<usize> =
        drafts.iter().map(|draft| draft.puzzle(0).sign(0, &labeller).len()).collect();
    let hashes: f64 = sizes.iter().map(|size| f64::from(required_bits(*size, false)).exp2()).sum();
    println!(
        "labels: {LABELS} labels of one person | {} statements, {} bytes, 2^{:.1} hashes expected | - | - | stated | -",
        drafts.len(),
        sizes.iter().sum::<usize>(),
        hashes.log2(),
    );

    let (known, new) = drafts.split_at(drafts.len() - NEW);
    insert(&store, &labeller, known);
    let records = mined(new, &labeller);
    let start = Instant::now();
    store.ingest(&records, NOW).unwrap();
    let time = start.elapsed();
    let size = read(&store, "SELECT sum(pgsize) FROM dbstat WHERE name = 'labels'");
    println!(
        "labels: {NEW} statements taken in on top, without a subscription | {:.0} µs a label, {} bytes a label in the table | - | - | stated | -",
        time.as_secs_f64() * 1e6 / (NEW * 64) as f64,
        size / LABELS as i64,
    );

    let who = labeller.public();
    let spam = |action| LabelActions {
        other: LabelAction::Fold,
        values: [("spam".parse().unwrap(), action)].into(),
    };
    let followed: Vec<PublicKey> = keys.iter().take(FOLLOWS as usize).copied().collect();
    let week = NOW - 7 * 86_400;
    let mut told = None;
    let times = times(50, || {
        let preview = store.preview(&who, &spam(LabelAction::Hide), week, &followed).unwrap();
        told = Some(preview);
    });
    let told = told.unwrap();
    println!("labels: {told:?}");
    let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    figure(
        "preview of a subscription, among 1,000,000 posts",
        &[median, slow],
        "≤ 100 ms",
        slow <= 100.0,
    );

    let start = Instant::now();
    store.subscribe(&who, &spam(LabelAction::Hide), NOW).unwrap();
    let subscribing = start.elapsed();
    let hidden = read(&store, "SELECT count(*) FROM ranks WHERE hidden = 1");
    let page: Vec<WorkId> = works.iter().take(50).copied().collect();
    let mut found = 0;
    let pages = self::times(200, || found = store.verdicts(&page).unwrap().len());
    let start = Instant::now();
    store.unsubscribe(&who).unwrap();
    let leaving = start.elapsed();
    println!(
        "labels: subscribing ({hidden} posts hidden) and unsubscribing | {:.2} s, {:.2} s | - | - | stated | -",
        subscribing.as_secs_f64(),
        leaving.as_secs_f64()
    );
    println!(
        "labels: looking up a page of 50, {found} of them labelled | p50 {:.2} ms, p99 {:.2} ms | - | - | stated | -",
        pages[pages.len() / 2],
        pages[pages.len() * 99 / 100]
    );
}

fn figure(name: &str, times: &[f64], target: &str, met: bool) {
    let verdict = if met { "met" } else { "MISSED" };
    println!(
        "labels: {name} | p50 {:.0} ms, p99 {:.0} ms | - | - | {target} | {verdict}",
        times[0], times[1]
    );
}

/// Milliseconds, ascending.
fn times(runs: u32, mut run: impl FnMut()) -> Vec<f64> {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..runs).map(once).collect();
    times.sort();
    times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect()
}

fn fill(store: &Store, board: BoardName) {
    let key = SecretKey::from_seed(&[1; 32]);
    let title = Title::from_bytes(b"An ordinary title of an ordinary post").unwrap();
    let kind = Kind::Post { title };
    let draft = ItemDraft { author: key.public(), board, kind, time: NOW, text: b"text" };
    let header = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
    let (start, mut random) = (Instant::now(), Random(7));
    for first in (0..POSTS).step_by(50_000) {
        let fakes = (first..first + 50_000).map(|n| {
            let mut work = [0; 32];
            work[3..11]
                .copy_from_slice(&(random.next() << 20 | random.next() & 0xf_ffff).to_be_bytes());
            work[20..28].copy_from_slice(&(random.next() << 16).to_be_bytes());
            let age = if n % 2 == 0 { YEAR } else { YEAR / 12 };
            let time = NOW - age + u64::from(n) * age / u64::from(POSTS) + random.next() % 3_600;
            FakePost { work, board, time, votes: 0, hidden: false }
        });
        store.insert_fakes(&header, fakes).unwrap();
    }
    // Real keys: they are read as such.
    let keys: Vec<[u8; 32]> = (0..PEOPLE)
        .map(|n| {
            let mut seed = [3; 32];
            seed[..8].copy_from_slice(&n.to_le_bytes());
            *SecretKey::from_seed(&seed).public().as_bytes()
        })
        .collect();
    store
        .sql(|db| {
            let mut insert = db.prepare("INSERT INTO keys (id, key) VALUES (?1, ?2)").unwrap();
            for (id, key) in (1_000..).zip(&keys) {
                insert.execute((id, key)).unwrap();
            }
            let spread = "UPDATE items SET author = 1000 + (id * 7919) % ?1";
            db.execute(spread, [PEOPLE]).unwrap();
            // What the reader hosts.
            db.execute_batch(
                "INSERT INTO wishes (item, state, seeded, at, attempts, next_try)
                 SELECT id, 3, 1, time, 0, 0 FROM items WHERE id % 2000 = 0",
            )
            .unwrap();
        })
        .unwrap();
    println!("{POSTS} posts by {PEOPLE} people in {:.1} s", start.elapsed().as_secs_f64());
}

/// Work ids of posts, and keys of their authors, in no order.
fn targets(store: &Store) -> (Vec<WorkId>, Vec<PublicKey>) {
    let (mut works, mut keys) = (Vec::new(), Vec::new());
    store
        .sql(|db| {
            let mut select = db.prepare("SELECT work FROM items WHERE id % 11 = 5").unwrap();
            let rows = select.query_map([], |row| row.get(0).map(WorkId::from_bytes)).unwrap();
            works = rows.map(Result::unwrap).take(LABELS * 9 / 10).collect();
            let mut select = db.prepare("SELECT key FROM keys WHERE id >= 1000").unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            keys = rows.map(|key| PublicKey::from_bytes(key.unwrap()).unwrap()).collect();
        })
        .unwrap();
    (works, keys)
}

/// A labeller's statements, as a node fills them: 64 labels each.
fn say(
    key: &SecretKey,
    board: BoardName,
    works: &[WorkId],
    keys: &[PublicKey],
) -> Vec<StatementDraft> {
    let people = keys.iter().step_by(5).take(LABELS / 10).map(|key| LabelTarget::Key(*key));
    let targets: BTreeSet<LabelTarget> =
        works.iter().map(|work| LabelTarget::Item(*work)).chain(people).collect();
    // In the order in which a labeller meets them, which is none.
    let mut targets: Vec<LabelTarget> = targets.into_iter().collect();
    let mut random = Random(5);
    for n in (1..targets.len()).rev() {
        targets.swap(n, (random.next() % (n as u64 + 1)) as usize);
    }
    let values = ["spam", "off-topic", "rude", "repost"];
    let some = targets.chunks(64).enumerate().map(|(n, targets)| {
        let label = |target: &LabelTarget| Label {
            target: *target,
            value: values[(random.next() % 4) as usize].into(),
            reason: ["the same text as yesterday", "", "", ""][(random.next() % 4) as usize].into(),
        };
        let mut labels: Vec<Label> = targets.iter().map(label).collect();
        labels.sort_unstable();
        let slot = Slot { device: [(n / 256) as u8; 4], number: (n % 256) as u8 };
        let content = Statement::Labels { slot, labels };
        StatementDraft { author: key.public(), boards: vec![board], time: NOW - 9, content }
    });
    some.collect()
}

/// What these statements say, without them.
fn insert(store: &Store, labeller: &SecretKey, drafts: &[StatementDraft]) {
    store
        .sql(|db| {
            let key = *labeller.public().as_bytes();
            db.execute("INSERT INTO keys (id, key) VALUES (999, ?1)", [key]).unwrap();
            let mut person = db.prepare("SELECT id FROM keys WHERE key = ?1").unwrap();
            let mut insert = db.prepare("INSERT INTO labels VALUES (999, ?1, ?2, ?3, 1)").unwrap();
            for draft in drafts {
                let Statement::Labels { labels, .. } = &draft.content else { continue };
                for Label { target, value, reason } in labels {
                    match target {
                        LabelTarget::Item(work) => {
                            insert.execute((*work.as_bytes(), value, reason)).unwrap();
                        }
                        LabelTarget::Key(key) => {
                            let id: i64 =
                                person.query_row([*key.as_bytes()], |row| row.get(0)).unwrap();
                            insert.execute((id, value, reason)).unwrap();
                        }
                    }
                }
            }
        })
        .unwrap();
}

/// The statements as others would send them.
fn mined(drafts: &[StatementDraft], key: &SecretKey) -> Vec<Record> {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("labels.nonces");
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let known: Vec<u64> = known.lines().filter_map(|line| line.parse().ok()).collect();
    let (mut nonces, mut records) = (String::new(), Vec::new());
    for (n, draft) in drafts.iter().enumerate() {
        let puzzle = draft.puzzle(0);
        let kept =
            known.get(n).map(|nonce| (*nonce, Record::from_bytes(&puzzle.sign(*nonce, key))));
        let (nonce, record) = match kept {
            Some((nonce, Ok(record))) => (nonce, record),
            _ => {
                let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
                (nonce, Record::from_bytes(&puzzle.sign(nonce, key)).unwrap())
            }
        };
        nonces += &format!("{nonce}\n");
        records.push(record);
    }
    std::fs::write(file, nonces).unwrap();
    records
}

/// The one number that a query gives.
fn read(store: &Store, sql: &str) -> i64 {
    let mut found = 0;
    store.sql(|db| found = db.query_row(sql, [], |row| row.get(0)).unwrap()).unwrap();
    found
}
