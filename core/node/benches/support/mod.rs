//! What the benches of this crate share: mined items, nodes in processes of their own, and how a figure is told.
#![allow(dead_code, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

#[path = "../../../swarm/benches/support/figures.rs"]
mod figures;

use std::{fs, net::SocketAddr, path::Path, path::PathBuf, thread};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_node::{Config, SwarmConfig, now};
use upseed_store::Store;

pub use self::figures::*;

/// A tenth of them posts, the rest comments on them.
pub const RECORDS: usize = 2_000;
const AUTHORS: u64 = 40;
/// Nodes compare 30 days; older fixtures are mined anew.
const FRESH_DAYS: u64 = 20;

pub fn board() -> BoardName {
    "upseed-bench".parse().unwrap()
}

pub type Fixture = (SignedItem, Vec<u8>);

/// Items and texts of 1,000 bytes on average (100 to 1,900). Mined once, about a minute, and kept under target/.
pub fn fixtures() -> Vec<Fixture> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../bench-fixtures/node-board");
    if let Ok(file) = fs::read(&path)
        && let Some(fixtures) = read(&file)
    {
        return fixtures;
    }
    eprintln!("mining {RECORDS} records, once in {FRESH_DAYS} days");
    let start = now() - 3_600;
    let posts = mine(0..RECORDS / 10, &[], start);
    let comments = mine(RECORDS / 10..RECORDS, &posts, start);
    let all = [posts, comments].concat();
    let mut file = Vec::new();
    for (item, text) in &all {
        for bytes in [item.header(), text] {
            file.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            file.extend_from_slice(bytes);
        }
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, file).unwrap();
    all
}

fn read(mut file: &[u8]) -> Option<Vec<Fixture>> {
    let mut next = || {
        let (length, rest) = file.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        file = rest;
        Some(bytes.to_vec())
    };
    let all: Option<Vec<Fixture>> = (0..RECORDS)
        .map(|_| {
            let (header, text) = (next()?, next()?);
            let item = SignedItem::from_bytes(&header).ok()?;
            (item.time() + FRESH_DAYS * 86_400 > now()).then_some((item, text))
        })
        .collect();
    all
}

fn mine(numbers: std::ops::Range<usize>, posts: &[Fixture], start: u64) -> Vec<Fixture> {
    let one = |n: usize| {
        let mut seed = [9; 32];
        seed[..8].copy_from_slice(&(n as u64 % AUTHORS).to_le_bytes());
        let key = SecretKey::from_seed(&seed);
        let text: Vec<u8> =
            (0..100 + n * 7_919 % 1_801).map(|at| b'a' + ((at * at + n) % 26) as u8).collect();
        let kind = match posts.get(n % posts.len().max(1)) {
            Some((root, _)) => Kind::Comment { parent: root.link(), root: root.link() },
            None => Kind::Post {
                title: Title::from_bytes(format!("Post number {n}").as_bytes()).unwrap(),
            },
        };
        let draft = ItemDraft {
            author: key.public(),
            board: board(),
            kind,
            time: start + n as u64,
            text: &text,
        };
        let header = draft.puzzle(0).unwrap().solve(&key);
        (SignedItem::from_bytes(&header).unwrap(), text)
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let all: Vec<usize> = numbers.collect();
    thread::scope(|scope| {
        let threads: Vec<_> = all
            .chunks(all.len().div_ceil(cores))
            .map(|some| scope.spawn(move || some.iter().map(|n| one(*n)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A data folder whose node wrote these items, so that it gives their texts.
pub fn author_of(data: &Path, items: &[Fixture]) {
    let store = Store::open(&data.join("upseed.db")).unwrap();
    for (item, text) in items {
        store.publish(item, text, now()).unwrap();
    }
}

/// A node on this machine only, in the bench's board.
pub fn config(data: &Path, peers: Vec<SocketAddr>) -> Config {
    let local: SocketAddr = ([127, 0, 0, 1], 0).into();
    Config {
        data: data.to_owned(),
        swarm: SwarmConfig { listen: Some(local), peers, ..SwarmConfig::default() },
        first_boards: vec![board()],
    }
}
