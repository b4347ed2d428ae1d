//! Items with valid work, which is found once and kept in target/tmp.

use std::{fs, path::Path, sync::LazyLock};

use data_encoding::HEXLOWER;
use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Link, SecretKey, SignedItem, WorkId, item::TextMatch,
};

/// An item and its text.
pub type Whole = (SignedItem, Vec<u8>);

/// Most are short; some fill a page, or two, or three.
static POOL: LazyLock<Vec<Whole>> = LazyLock::new(|| {
    let lengths = (0..140).map(|n: usize| match n {
        0 | 1 => 65_536,
        2..5 => 40_000 + n,
        5..9 => 32_300 + n * 11,
        9..20 => 9_000 + n * 400,
        _ => 1 + (n * 977) % 3_000,
    });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pool");
    let kept = fs::read(&path).unwrap_or_default();
    let mut kept =
        kept.split(|byte| *byte == b'\n').map(|line| HEXLOWER.decode(line).unwrap_or_default());
    let all: Vec<Whole> = lengths
        .enumerate()
        .map(|(n, length)| {
            let (n, text) = (n as u64, text(n as u64, length));
            let item = SignedItem::from_bytes(&kept.next().unwrap_or_default()).ok();
            match item.filter(|item| matches!(item.check_text(&text), TextMatch::Good(_))) {
                Some(item) => (item, text),
                None => make(n, "films", length),
            }
        })
        .collect();
    let lines: String = all.iter().map(|(item, _)| HEXLOWER.encode(item.header()) + "\n").collect();
    let fresh = path.with_extension(std::process::id().to_string());
    fs::write(&fresh, lines).and_then(|()| fs::rename(fresh, path)).unwrap();
    all
});

fn text(n: u64, length: usize) -> Vec<u8> {
    format!("{n} sow peas in march, ").bytes().cycle().take(length).collect()
}

/// One item that is not in the pool, unless it has the same arguments.
pub fn make(n: u64, board: &str, length: usize) -> Whole {
    let key = SecretKey::from_seed(&[7; 32]);
    let link = Link { infohash: Infohash::from_bytes([1; 20]), work: WorkId::from_bytes([2; 32]) };
    let text = text(n, length);
    let draft = ItemDraft {
        author: key.public(),
        board: board.parse().unwrap(),
        kind: Kind::Comment { parent: link, root: link },
        time: 1_790_000_000 + n,
        text: &text,
    };
    let header = draft.puzzle(0).unwrap().solve(&key);
    (SignedItem::from_bytes(&header).unwrap(), text)
}

/// The first `count` of the pool, in no order.
pub fn items(count: usize) -> Vec<Whole> {
    POOL[..count].to_vec()
}

/// The board of the pool.
pub fn board() -> BoardName {
    "films".parse().unwrap()
}
