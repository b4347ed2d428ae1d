//! What records and pages cost the database, in statements.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, OnceLock},
};

use common::{NOW, board, follow_list, post, public, slot, statement};
use tracing_subscriber::EnvFilter;
use upseed_model::{
    Record, SignedItem, Statement,
    statement::{Label, LabelTarget},
};
use upseed_store::Store;

/// The statements that ran, in order: the store tells each in one piece.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl io::Write for Statements {
    fn write(&mut self, statement: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8_lossy(statement).into_owned());
        Ok(statement.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Statements {
    /// Of all stores that are opened from now on in this process.
    fn listen() -> Self {
        static ALL: OnceLock<Statements> = OnceLock::new();
        let listen = || {
            let statements = Self::default();
            let writer = statements.clone();
            tracing_subscriber::fmt()
                .with_env_filter(EnvFilter::new("upseed_store::sql=trace"))
                .without_time()
                .with_target(false)
                .with_level(false)
                .with_writer(move || writer.clone())
                .init();
            statements
        };
        ALL.get_or_init(listen).clone()
    }

    /// How many run meanwhile.
    fn count<T>(&self, run: impl FnOnce() -> T) -> (usize, T) {
        self.0.lock().unwrap().clear();
        let done = run();
        (self.0.lock().unwrap().len(), done)
    }

    /// What ran more often the second time, and by how much.
    fn more(&self, first: impl FnOnce(), second: impl FnOnce()) -> BTreeMap<String, i64> {
        let mut ran = BTreeMap::new();
        let runs: [(Box<dyn FnOnce() + '_>, i64); 2] =
            [(Box::new(first), -1), (Box::new(second), 1)];
        for (run, sign) in runs {
            self.0.lock().unwrap().clear();
            run();
            for sql in self.0.lock().unwrap().drain(..) {
                *ran.entry(sql).or_default() += sign;
            }
        }
        ran.retain(|_, times| *times != 0);
        ran
    }
}

#[test]
fn a_strangers_post_costs_five_statements_and_is_scored_as_it_is_placed() {
    let statements = Statements::listen();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("upseed.db")).unwrap();
    store.set_me(Some(public(1))).unwrap();
    let list = Record::Statement(follow_list(1, NOW - 9, 0, &[3]));
    let posts = |author: u8, numbers: std::ops::Range<u64>| -> Vec<SignedItem> {
        let name = |number| format!("Post {number} of {author}");
        numbers.map(|n| post(author, board("a"), &name(n), NOW - 100 - n)).collect()
    };
    let ingest = |items: Vec<SignedItem>| {
        let records: Vec<Record> = items.into_iter().map(Record::Item).collect();
        store.ingest(&records, NOW).unwrap();
    };
    // Statements are prepared, board and keys are there.
    store.ingest(&[list], NOW).unwrap();
    ingest([posts(2, 0..1), posts(3, 0..1)].concat());

    let stranger = statements.more(|| ingest(posts(2, 1..2)), || ingest(posts(2, 2..6)));
    let each = stranger.values().sum::<i64>() / 3;
    assert_eq!((each, stranger.values().sum::<i64>() % 3), (5, 0), "{stranger:#?}");

    // Somebody followed: their posts are known, so they are scored.
    let followed = statements.more(|| ingest(posts(3, 1..2)), || ingest(posts(3, 2..6)));
    assert!(followed.values().sum::<i64>() > 3 * 5, "{followed:#?}");
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn moderators_are_found_without_asking_for_each_of_those_who_are_trusted() {
    let statements = Statements::listen();
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    let label =
        Label { target: LabelTarget::Key(public(99)), value: "spam".into(), reason: String::new() };
    let labels = Statement::Labels { slot: slot(1, 0), labels: vec![label] };
    let records = [
        follow_list(1, NOW - 9, 0, &[2, 3]),
        follow_list(2, NOW - 9, 0, &[5]),
        statement(5, &[board("a")], NOW - 9, labels),
    ];
    store.ingest(&records.map(Record::Statement), NOW).unwrap();
    let moderators = || store.moderators(&board("a"), 5).unwrap();
    let (few, found) = statements.count(moderators);
    assert!(few > 0, "statements are counted");
    assert_eq!(found.len(), 1);
    let many: Vec<u8> = (10..90).collect();
    store.ingest(&[Record::Statement(follow_list(3, NOW - 9, 0, &many))], NOW).unwrap();
    let (more, found) = statements.count(moderators);
    assert_eq!((more, found.len()), (few, 1));
}
