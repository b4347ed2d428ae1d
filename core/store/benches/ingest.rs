//! Records a second, against bare rusqlite inserting the same rows into the same tables.
//!
//! Both begin with a database of `FILL` posts, so that the indexes are not empty. The records are
//! mined once (about a minute) and kept under `target/`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;
use upseed_model::{ItemDraft, Kind, Record, SecretKey, SignedItem, text::Title};
use upseed_store::{Store, bench::FakePost};

/// Records of one run, a quarter of them comments.
const RECORDS: usize = 1_024;
/// Posts that are there before.
const FILL: u32 = 200_000;
/// Records of one transaction: what a full frame of records is.
const BATCH: usize = 256;
const ROUNDS: usize = 9;
const NOW: u64 = 1_800_057_600;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ingest");
    std::fs::create_dir_all(&folder).unwrap();
    let records = records(&folder.join("records"));
    let filled = folder.join("filled.db");
    fill(&filled, &records);

    let rows = Rows::of(&filled, &folder.join("rows.db"), &records);
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(measure_ours(&filled, &folder.join("ours.db"), &records));
        floor.push(measure_floor(&filled, &folder.join("floor.db"), &rows));
    }
    let [ours, floor] = [ours, floor].map(|mut times| {
        times.sort();
        records.len() as f64 / times[times.len() / 2].as_secs_f64()
    });
    let ratio = ours / floor;
    println!(
        "ingest: ours {ours:.0} records/s, bare rusqlite {floor:.0} records/s, ratio {ratio:.2} (target 0.80)"
    );
    println!("        {} records in transactions of {BATCH}, on top of {FILL}", records.len());
}

fn records(cache: &Path) -> Vec<Record> {
    if let Ok(bytes) = std::fs::read(cache) {
        let mut rest = &bytes[..];
        let mut records = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let (record, after) = after.split_at(u32::from_le_bytes(*length) as usize);
            records.push(Record::from_bytes(record).unwrap());
            rest = after;
        }
        if records.len() == RECORDS {
            return records;
        }
    }
    println!("mining {RECORDS} records, once");
    let half = |from: usize| -> Vec<SignedItem> {
        let mut items: Vec<SignedItem> = Vec::new();
        for n in from..from + RECORDS / 2 {
            let key = SecretKey::from_seed(&[(n % 40) as u8; 32]);
            let parent = items.get(n / 8 * 4 % items.len().max(1)).filter(|_| n % 4 == 3);
            let kind = match parent {
                Some(parent) => Kind::Comment {
                    parent: parent.link(),
                    root: parent.root().unwrap_or(parent.link()),
                },
                None => {
                    Kind::Post { title: Title::from_bytes(format!("Post {n}").as_bytes()).unwrap() }
                }
            };
            let text = format!("This is the text of number {n}.");
            let (board, time) = ("bench".parse().unwrap(), NOW - (n as u64 * 977) % 600_000);
            let text = text.as_bytes();
            let draft = ItemDraft { author: key.public(), board, kind, time, text };
            items.push(SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap());
        }
        items
    };
    let items = std::thread::scope(|threads| {
        let other = threads.spawn(|| half(RECORDS / 2));
        [half(0), other.join().unwrap()].concat()
    });
    let mut bytes = Vec::new();
    for item in &items {
        bytes.extend_from_slice(&(item.header().len() as u32).to_le_bytes());
        bytes.extend_from_slice(item.header());
    }
    std::fs::write(cache, bytes).unwrap();
    items.into_iter().map(Record::Item).collect()
}

fn fill(path: &Path, records: &[Record]) {
    let _ = std::fs::remove_file(path);
    let Some(Record::Item(header)) = records.first() else { return };
    let store = Store::open(path).unwrap();
    let mut random = 1_u64;
    let mut next = || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random >> 16
    };
    let fakes = (0..FILL).map(|_| {
        let mut work = [0; 32];
        work[3..11].copy_from_slice(&(next() << 20 | next() & 0xf_ffff).to_be_bytes());
        work[20..28].copy_from_slice(&(next() << 16).to_be_bytes());
        let (board, time) = ("bench".parse().unwrap(), NOW - next() % (86_400 * 365));
        FakePost { work, board, time, votes: (next() % 50) as u32, hidden: false }
    });
    store.insert_fakes(header, fakes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", to.display()));
    }
    std::fs::copy(from, to).unwrap();
}

fn measure_ours(filled: &Path, path: &Path, records: &[Record]) -> Duration {
    copy(filled, path);
    let store = Store::open(path).unwrap();
    let start = Instant::now();
    for batch in records.chunks(BATCH) {
        store.ingest(batch, NOW).unwrap();
    }
    start.elapsed()
}

const TABLES: [&str; 3] = ["items", "members", "ranks"];

/// The rows that our ingest leaves, per record.
struct Rows(Vec<[Vec<rusqlite::types::Value>; 3]>);

impl Rows {
    fn of(filled: &Path, path: &Path, records: &[Record]) -> Self {
        measure_ours(filled, path, records);
        let db = Connection::open(path).unwrap();
        let row = |sql: &str, work: &[u8; 32]| {
            let mut select = db.prepare_cached(sql).unwrap();
            let columns = select.column_count();
            select
                .query_row([work], |row| (0..columns).map(|n| row.get(n)).collect::<Result<_, _>>())
                .unwrap()
        };
        Self(
            records
                .iter()
                .map(|record| {
                    let work = record.work();
                    let work = work.as_bytes();
                    [
                        row("SELECT * FROM items WHERE work = ?1", work),
                        row("SELECT m.* FROM items i JOIN members m ON m.board = i.board AND m.time = i.time AND m.work = i.work WHERE i.work = ?1", work),
                        row("SELECT r.* FROM items i JOIN ranks r ON r.item = i.id WHERE i.work = ?1", work),
                    ]
                })
                .collect(),
        )
    }
}

fn measure_floor(filled: &Path, path: &Path, rows: &Rows) -> Duration {
    copy(filled, path);
    let mut db = Connection::open(path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA cache_size = -32768; PRAGMA foreign_keys = on",
    )
    .unwrap();
    let start = Instant::now();
    for batch in rows.0.chunks(BATCH) {
        let change = db.transaction().unwrap();
        {
            let mut inserts = [0, 1, 2].map(|n| {
                let marks = vec!["?"; batch[0][n].len()].join(", ");
                change
                    .prepare_cached(&format!("INSERT INTO {} VALUES ({marks})", TABLES[n]))
                    .unwrap()
            });
            for record in batch {
                for (insert, row) in inserts.iter_mut().zip(record) {
                    insert.execute(rusqlite::params_from_iter(row)).unwrap();
                }
            }
        }
        change.commit().unwrap();
    }
    start.elapsed()
}
