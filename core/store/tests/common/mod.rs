//! Records for tests. Their proofs of work are searched once and kept under `target/`, because
//! every test runs in a process of its own.

#![allow(dead_code, clippy::unwrap_used)]

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::PathBuf,
};

use upseed_model::{
    BoardName, ItemDraft, Kind, PublicKey, Record, SecretKey, SignedItem, SignedStatement,
    Statement, StatementDraft, WorkId, pow::Puzzle, statement::Slot, text::Title,
};

/// A moment around which everything happens: the start of a UTC day.
pub const NOW: u64 = 1_800_057_600;

pub fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

pub fn public(n: u8) -> PublicKey {
    key(n).public()
}

pub fn board(name: &str) -> BoardName {
    name.parse().unwrap()
}

fn solve(puzzle: &Puzzle, key: &SecretKey) -> Vec<u8> {
    solve_with(puzzle, |nonce| puzzle.sign(nonce, key))
}

fn solve_with(puzzle: &Puzzle, sign: impl Fn(u64) -> Vec<u8>) -> Vec<u8> {
    let mut hasher = DefaultHasher::new();
    format!("{puzzle:?}").hash(&mut hasher);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nonces");
    let file = folder.join(format!("{:016x}", hasher.finish()));
    if let Some(nonce) = std::fs::read_to_string(&file).ok().and_then(|text| text.parse().ok()) {
        let record = sign(nonce);
        if Record::from_bytes(&record).is_ok() {
            return record;
        }
    }
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let draft = file.with_extension(std::process::id().to_string());
    std::fs::write(&draft, nonce.to_string()).unwrap();
    std::fs::rename(draft, file).unwrap();
    sign(nonce)
}

pub fn item(n: u8, board: BoardName, kind: Kind, time: u64, text: &[u8]) -> SignedItem {
    let key = key(n);
    let draft = ItemDraft { author: key.public(), board, kind, time, text };
    SignedItem::from_bytes(&solve(&draft.puzzle(0).unwrap(), &key)).unwrap()
}

pub fn post(n: u8, board: BoardName, title: &str, time: u64) -> SignedItem {
    let title = Title::from_bytes(title.as_bytes()).unwrap();
    item(n, board, Kind::Post { title: title.clone() }, time, title.as_str().as_bytes())
}

pub fn answer(n: u8, parent: &SignedItem, text: &str, time: u64) -> SignedItem {
    let root = parent.root().unwrap_or(parent.link());
    let kind = Kind::Comment { parent: parent.link(), root };
    item(n, parent.board(), kind, time, text.as_bytes())
}

pub fn statement(n: u8, boards: &[BoardName], time: u64, content: Statement) -> SignedStatement {
    let key = key(n);
    let draft = StatementDraft { author: key.public(), boards: boards.to_vec(), time, content };
    SignedStatement::from_bytes(&solve(&draft.puzzle(0), &key)).unwrap()
}

/// Person `old` hands over to person `new`, or ends the key.
pub fn succession(old: u8, new: Option<u8>, boards: &[BoardName], time: u64) -> SignedStatement {
    let content = Statement::Succession { next: new.map(public) };
    let Some(new) = new else { return statement(old, boards, time, content) };
    let draft = StatementDraft { author: public(old), boards: boards.to_vec(), time, content };
    let puzzle = draft.puzzle(0);
    let record = solve_with(&puzzle, |nonce| puzzle.sign_both(nonce, &key(old), &key(new)));
    SignedStatement::from_bytes(&record).unwrap()
}

/// Follows of the board "a" in one slot of the first device.
pub fn follow_list(n: u8, time: u64, number: u8, people: &[u8]) -> SignedStatement {
    let mut targets: Vec<_> = people.iter().map(|n| public(*n)).collect();
    targets.sort_unstable();
    targets.dedup();
    let content = Statement::Follows { slot: slot(1, number), name: None, targets };
    statement(n, &[board("a")], time, content)
}

pub fn slot(device: u8, number: u8) -> Slot {
    Slot { device: [device; 4], number }
}

pub fn ballot(
    n: u8,
    board: BoardName,
    slot: Slot,
    time: u64,
    items: &[&SignedItem],
) -> SignedStatement {
    let mut targets: Vec<WorkId> = items.iter().map(|item| item.work()).collect();
    targets.sort_unstable();
    statement(n, &[board], time, Statement::Ballot { slot, targets })
}

/// Items and statements that meet in many ways: threads with gaps, links that do not fit, votes of
/// two devices, self-votes, votes on the wrong board, slots with several versions.
pub struct World {
    pub items: Vec<SignedItem>,
    pub statements: Vec<SignedStatement>,
}

impl World {
    pub fn new() -> Self {
        let (a, b) = (board("a"), board("b"));
        let t = NOW - 3 * 86_400;
        let one = post(1, a, "one", t);
        let two = post(2, a, "two", t + 90_000);
        let three = post(1, b, "three", t + 10);
        let c1 = answer(2, &one, "c1", t + 20);
        let c2 = answer(3, &c1, "c2", t + 30);
        let c3 = answer(1, &c2, "c3", t + 40);
        let c4 = answer(3, &one, "c4", t + 50);
        // The parent is of one thread, the root of another.
        let torn = Kind::Comment { parent: c1.link(), root: two.link() };
        let torn = item(2, a, torn, t + 60, b"torn");
        let below_torn = answer(1, &torn, "below torn", t + 61);
        // A comment taken for a root.
        let false_root = Kind::Comment { parent: c1.link(), root: c1.link() };
        let false_root = item(3, a, false_root, t + 70, b"false root");
        // Another board than the parent's.
        let elsewhere = Kind::Comment { parent: one.link(), root: one.link() };
        let elsewhere = item(2, b, elsewhere, t + 80, b"elsewhere");
        // Only one half of the link fits.
        let mut half = one.link();
        half.infohash = two.infohash();
        let half = item(2, a, Kind::Comment { parent: half, root: half }, t + 81, b"half");
        let unknown = upseed_model::Link { work: WorkId::from_bytes([9; 32]), ..one.link() };
        let unknown = Kind::Comment { parent: unknown, root: unknown };
        let orphan = item(2, a, unknown, t + 82, b"orphan");

        let late = answer(5, &one, "late", t + 175);

        let s = slot(1, 0);
        let statements = vec![
            ballot(2, a, s, t + 100, &[&one, &c1, &c2]),
            ballot(2, a, s, t + 200, &[&one, &two]),
            ballot(2, a, s, t + 300, &[&c3, &two]),
            // Another device and another slot of the same voter.
            ballot(2, a, slot(2, 0), t + 110, &[&one, &c2]),
            ballot(2, a, slot(2, 0), t + 400, &[&c2]),
            ballot(2, a, slot(1, 7), t + 120, &[&one, &three]),
            ballot(3, a, s, t + 130, &[&one, &three, &orphan, &torn]),
            ballot(3, b, s, t + 131, &[&one, &three, &elsewhere]),
            ballot(3, b, s, t + 90_000, &[]),
            // The same time: the greater work id wins.
            ballot(4, a, s, t + 140, &[&one]),
            ballot(4, a, s, t + 140, &[&two, &c4]),
            // For oneself.
            ballot(1, a, s, t + 150, &[&one, &c1, &c3]),
            statement(1, &[a, b], t + 160, Statement::Retraction { targets: vec![one.work()] }),
            statement(3, &[a], t + 161, Statement::Retraction { targets: vec![two.work()] }),
            statement(1, &[a, b], t + 170, follows(&[2, 3])),
            statement(1, &[a, b], t + 90_170, follows(&[3])),
            // In a circle, oneself, and the same person in two lists.
            statement(2, &[a], t + 171, follows(&[1, 2, 3])),
            statement(2, &[b], t + 172, follows(&[3])),
            statement(3, &[a], t + 173, follows(&[2, 4])),
            statement(4, &[b], t + 174, follows(&[1])),
            statement(2, &[a], t + 180, starter_list(0, &[1, 3])),
            statement(2, &[a], t + 190, starter_list(0, &[4])),
            // Replaced by follows without a name, and these by a list again.
            statement(3, &[a, b], t + 180, starter_list(0, &[1])),
            statement(3, &[a, b], t + 181, follows(&[1])),
            statement(4, &[a], t + 182, follows(&[2])),
            statement(4, &[a], t + 183, starter_list(0, &[1, 2, 3])),
            // One who hands over, with a rival, and a comment written after that.
            ballot(5, a, s, t + 100, &[&one, &two]),
            ballot(5, a, s, t + 9_000, &[&one]),
            succession(5, Some(6), &[a], t + 200),
            succession(5, Some(7), &[a, b], t + 150),
            // Names, the newest of each slot.
            statement(2, &[a], t + 30, profile("Ann")),
            statement(2, &[a], t + 31, profile("Anna")),
            statement(2, &[b], t + 29, profile("Ann")),
            statement(3, &[a], t + 32, profile("ANN")),
            statement(5, &[a], t + 33, profile("")),
            // Withdrawn.
            statement(4, &[b], t + 184, starter_list(1, &[1])),
            statement(4, &[b], t + 185, starter_list(1, &[])),
        ];
        let items = vec![
            one, two, three, c1, c2, c3, c4, torn, below_torn, false_root, elsewhere, half, orphan,
            late,
        ];
        Self { items, statements }
    }

    pub fn records(&self) -> Vec<Record> {
        let items = self.items.iter().cloned().map(Record::Item);
        items.chain(self.statements.iter().cloned().map(Record::Statement)).collect()
    }
}

fn keys(people: &[u8]) -> Vec<PublicKey> {
    let mut keys: Vec<PublicKey> = people.iter().map(|n| public(*n)).collect();
    keys.sort_unstable();
    keys
}

pub fn follows(people: &[u8]) -> Statement {
    Statement::Follows { slot: slot(1, 0), name: None, targets: keys(people) }
}

pub fn profile(name: &str) -> Statement {
    Statement::Profile { name: name.into(), about: "".into(), active: Vec::new(), next: None }
}

pub fn starter_list(number: u8, people: &[u8]) -> Statement {
    let name = "People to begin with".parse().ok();
    Statement::Follows { slot: slot(1, number), name, targets: keys(people) }
}
