//! What people look for, and find, in any script.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, answer, ballot, board, follows, post, public, slot, statement};
use upseed_model::{Record, SignedItem};
use upseed_store::{Keep, Store};

fn with_texts(items: &[(SignedItem, &str)]) -> Store {
    let store = Store::open_in_memory().unwrap();
    for (item, text) in items {
        store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
        store.put_text(&item.work(), text.as_bytes(), Keep::Cache).unwrap();
    }
    store
}

fn found(store: &Store, words: &str) -> Vec<String> {
    let rows = store.search(words, None, 0, 50).unwrap();
    rows.iter().map(|row| row.item.title().unwrap_or("(comment)").to_owned()).collect()
}

#[test]
fn people_find_what_they_see() {
    let titles = [
        "东京塔的历史",
        "サンドボックス修正テスト",
        "ประวัติศาสตร์ไทย",
        "서울에서 먹은 김치찌개",
        "Zürich und Straße",
        "Łódź is a city",
        "Ένας δρόμος στην ΑΘΉΝΑ",
        "Ещё один день",
        "كِتَاب عن القاهرة",
        "हिन्दी में लिखा हुआ",
        "Party 🎉 time",
        "iPhone 15 手机 review",
        "Don't panic, it's a well-known book",
    ];
    let items: Vec<_> =
        (1..).zip(titles).map(|(n, title)| (post(n, board("a"), title, NOW), title)).collect();
    let store = with_texts(&items);
    for (words, title) in [
        ("历史", 0),
        ("史", 0),
        ("京塔的", 0),
        ("东京 历史", 0),
        ("テスト", 1),
        ("ﾃｽﾄ", 1),
        ("修正", 1),
        ("サンド", 1),
        ("ศาสตร์", 2),
        ("ไทย", 2),
        ("김치", 3),
        ("서울", 3),
        ("찌개", 3),
        ("strasse", 4),
        ("STRASSE", 4),
        ("Straße", 4),
        ("zurich", 4),
        ("Zu\u{308}rich", 4),
        ("stra", 4),
        ("lodz", 5),
        ("αθηνα", 6),
        ("ΔΡΌΜΟΣ", 6),
        ("еще", 7),
        ("كتاب", 8),
        ("हिन्दी", 9),
        ("🎉", 10),
        ("party🎉", 10),
        ("手机", 11),
        ("iphone手机", 11),
        ("iPhone 机", 11),
        ("15", 11),
        ("don't", 12),
        ("don’t", 12),
        ("\"it's a well\"", 12),
        ("well-known", 12),
        ("PANIC", 12),
    ] {
        assert_eq!(found(&store, words), [titles[title]], "{words}");
    }
    for words in [
        "strand",
        "塔史",
        "史历",
        "テト",
        "トム",
        "😀",
        "ไทร",
        "국밥",
        "st",
        "anic",
        "\"known well\"",
        "",
        "  ",
        "\"",
        "*",
        "OR",
        "NOT panic",
        "panic -book",
        "panic NOT book",
        "title:panic",
        "{",
        "^",
        "\u{e000}panic",
        "\0",
    ] {
        let hits = found(&store, words);
        let spoken = ["panic -book", "\u{e000}panic"].contains(&words);
        assert_eq!(hits.len(), usize::from(spoken), "{words}: {hits:?}");
    }
}

#[test]
fn titles_come_first_and_beginnings_last() {
    let on = board("a");
    let texts = ["all about gardening", "a garden of mine", "garden", "none", "garden"];
    let titles = ["one", "two", "My garden", "Gardens", "five"];
    let mut items: Vec<_> = (1..)
        .zip(titles)
        .zip(texts)
        .map(|((n, title), text)| (post(n, on, title, NOW + u64::from(n)), text))
        .collect();
    let comment = answer(9, &items[3].0, "garden", NOW + 20);
    items.push((comment, "garden"));
    items.push((post(10, board("b"), "elsewhere", NOW), "garden"));
    let store = with_texts(&items);
    let mut hits = found(&store, "garden");
    assert_eq!(hits.remove(0), "My garden");
    let beginnings = hits.split_off(4);
    assert_eq!(beginnings, ["Gardens", "one"]);
    hits.sort();
    assert_eq!(hits, ["(comment)", "elsewhere", "five", "two"]);
    // A page at a time.
    let all = found(&store, "garden");
    for skip in 0..8 {
        let rows = store.search("garden", None, skip, 2).unwrap();
        let page: Vec<_> =
            rows.iter().map(|row| row.item.title().unwrap_or("(comment)").to_owned()).collect();
        let rest = &all[all.len().min(skip as usize)..];
        assert_eq!(page, rest[..rest.len().min(2)]);
    }
    let there = store.search("garden", Some(&board("b")), 0, 50).unwrap();
    assert_eq!(there.len(), 1);
    assert!(store.search("garden", Some(&board("c")), 0, 50).unwrap().is_empty());
    // What was voted for comes before what is newer.
    store.set_me(Some(public(20))).unwrap();
    let followed = statement(20, &[on], NOW, follows(&[21]));
    let vote = ballot(21, on, slot(1, 0), NOW, &[&items[1].0]);
    store.ingest(&[Record::Statement(followed), Record::Statement(vote)], NOW + 30).unwrap();
    assert_eq!(found(&store, "garden")[1], "two");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let before = found(&store, "garden");
    store.rebuild_derived().unwrap();
    assert_eq!(found(&store, "garden"), before);
}
