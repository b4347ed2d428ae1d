//! Files that are not ours, not whole, or of a later time; and a process that is killed.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use common::{NOW, World, board, public};
use upseed_model::{Record, WorkId};
use upseed_store::{Keep, Store, StoreError};

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    store.sql(|db| db.pragma_update(None, "user_version", 99).unwrap()).unwrap();
    drop(store);
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, known: 1.., .. }));
    let words = error.to_string();
    assert!(words.contains("version 99") && words.contains("up to"), "{words}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_from_before_protocol_1_1_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    store.sql(|db| db.pragma_update(None, "user_version", 10).unwrap()).unwrap();
    drop(store);
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Older { found: 10, .. }));
    let words = error.to_string();
    assert!(
        words.contains("before protocol 1.1") && words.contains("Move the file away"),
        "{words}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn foreign_and_damaged_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "This is a shopping list. ".repeat(400)).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("store.db"), "{error}");

    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE photos (name TEXT)").unwrap();
    drop(other);
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");

    let error = Store::open(&folder.path().join("no/such/folder/store.db")).unwrap_err();
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

#[test]
fn a_file_with_a_torn_page_gives_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (store, world) = (Store::open(&path).unwrap(), World::new());
    store.ingest(&world.records(), NOW).unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[8_192..length - 4_096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let told = match Store::open(&path) {
        Err(error) => error.to_string(),
        Ok(store) => {
            match store.ingest(&world.records(), NOW).map(drop).and_then(|()| store.check()) {
                Err(error) => error.to_string(),
                Ok(faults) => faults.join("\n"),
            }
        }
    };
    assert!(!told.is_empty());
}

#[test]
fn a_damaged_row_is_found_by_the_check() {
    let (store, world) = (Store::open_in_memory().unwrap(), World::new());
    store.ingest(&world.records(), NOW).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    let run = |sql: &'static str| store.sql(move |db| db.execute_batch(sql).unwrap()).unwrap();
    run("UPDATE ranks SET votes = votes + 1 WHERE item = 1; DELETE FROM votes WHERE board = 2;
         UPDATE days SET bits = 60; UPDATE items SET time = time + 1 WHERE id = 2");
    let faults = store.check().unwrap().join("\n");
    for table in ["ranks:", "votes:", "days:", "items:"] {
        assert!(faults.contains(table), "{table} not in {faults}");
    }
    run("UPDATE items SET time = time - 1 WHERE id = 2");
    store.rebuild_derived().unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn many_threads_read_while_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.db")).unwrap();
    let world = World::new();
    std::thread::scope(|threads| {
        for _ in 0..6 {
            threads.spawn(|| {
                let mut last = 0;
                while last < world.items.len() as u64 {
                    let items = store.counts().unwrap().items;
                    assert!(items >= last);
                    last = items;
                    for item in &world.items {
                        let row = store.item(&item.infohash()).unwrap();
                        assert!(row.is_none_or(|row| row.item == *item));
                    }
                }
            });
        }
        for record in world.records() {
            store.ingest(&[record], NOW).unwrap();
        }
    });
    assert_eq!(store.check().unwrap(), [""; 0]);
}

const CHILD: &str = "UPSEED_STORE_TEST_CHILD";

/// Not a test by itself: what the killed process does. It says on stdout what is durable.
#[test]
#[ignore = "run by nothing_acknowledged_is_lost_in_a_kill"]
fn child() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let store = Store::open(Path::new(&path)).unwrap();
    store.set_me(Some(public(2))).unwrap();
    let mut out = std::io::stdout().lock();
    let mut say = |word: String| {
        out.write_all(format!("\nACK {word}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    };
    let world = World::new();
    for (n, item) in world.items.iter().enumerate() {
        store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
        say(format!("record {}", item.work()));
        store.put_text(&item.work(), format!("text {n}").as_bytes(), Keep::Cache).unwrap();
        say(format!("text {}", item.work()));
        store.wish_up(&item.work(), NOW + n as u64).unwrap();
        say(format!("wish {}", item.work()));
    }
    for statement in &world.statements {
        store.ingest(&[Record::Statement(statement.clone())], NOW + 100).unwrap();
        say(format!("slot {}", statement.work()));
    }
    for n in 0.. {
        store.set_setting("n", Some(&n.to_string())).unwrap();
        store.expire(NOW + 1_000).unwrap();
        store.join(&board("a"), &[format!("udp://{n}")], NOW).unwrap();
        say(format!("setting {n}"));
    }
}

#[test]
fn nothing_acknowledged_is_lost_in_a_kill() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    for kill in 0..24_u64 {
        let path = folder.path().join(format!("{kill}.db"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Anywhere from the first moment (the first migration) to long after the last record.
        std::thread::sleep(Duration::from_micros(kill * kill * 1_500));
        child.kill().unwrap();
        child.wait().unwrap();
        let said: Vec<String> = lines.by_ref().map_while(Result::ok).collect();
        let store = Store::open(&path).unwrap();
        assert_eq!(store.check().unwrap(), [""; 0], "kill {kill}");
        let pending = store.pending_votes().unwrap();
        for line in &said {
            let Some((what, id)) = line.strip_prefix("ACK ").and_then(|l| l.split_once(' ')) else {
                continue;
            };
            if what == "setting" {
                let found: u64 = store.setting("n").unwrap().unwrap().parse().unwrap();
                assert!(found >= id.parse().unwrap());
                continue;
            }
            let work: WorkId = id.parse().unwrap();
            let row = store.item_by_work(&work).unwrap();
            match what {
                "record" => assert!(row.is_some()),
                "text" => assert!(row.unwrap().text.is_some()),
                "wish" => {
                    let row = row.unwrap();
                    assert!(row.hosting.is_some());
                    // Once a ballot is kept, said or not, it may have settled the wish.
                    let mut ballots = world.statements.iter();
                    let kept =
                        ballots.any(|one| store.statement(&one.slot_key()).unwrap().is_some());
                    assert!(kept || row.upvoted && pending.iter().any(|open| open.work == work));
                }
                "slot" => {
                    let mine = world.statements.iter().find(|one| one.work() == work).unwrap();
                    let kept = store.statement(&mine.slot_key()).unwrap().unwrap();
                    assert!(kept == *mine || kept.replaces(mine));
                }
                other => panic!("{other}"),
            }
        }
    }
}
