//! Windows and sorts over posts of many ages, which come as files: nobody waits for a year.
#![allow(clippy::unwrap_used, missing_docs)]

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, torrent};
use upseed_tests::{Person, until};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A post that somebody else wrote so many seconds ago, as a file.
fn aged(person: &Person, title: &str, seconds: u64) -> String {
    let key = SecretKey::from_seed(&[77; 32]);
    let draft = ItemDraft {
        author: key.public(),
        board: "upseed".parse::<BoardName>().unwrap(),
        kind: Kind::Post { title: title.parse().unwrap() },
        time: std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() - seconds,
        text: b"Of its time.\n",
    };
    let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
    let file = person.scratch().join(format!("{title}.torrent"));
    std::fs::write(&file, torrent::write(&item, Some("Of its time.\n"), &[])).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn windows_leave_out_what_is_older_and_hot_is_not_top() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let ages = [
        ("hour", HOUR),
        ("days", 3 * DAY),
        ("weeks", 12 * DAY),
        ("months", 90 * DAY),
        ("ages", 380 * DAY),
    ];
    for (title, age) in ages {
        ann.run(&["import", &aged(&ann, title, age)]).ok();
    }
    let titles = |who: &Person, args: &[&str]| -> Vec<String> {
        let items = who.json(&[&["top"], args].concat());
        let titles = items.as_array().unwrap().iter();
        titles.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    for (window, seen) in [("day", 1), ("week", 2), ("month", 3), ("year", 4), ("all", 5)] {
        for sort in ["top", "hot", "new"] {
            let mut shown = titles(&ann, &["--window", window, "--sort", sort]);
            if sort == "new" {
                let newest: Vec<_> = ages[..seen].iter().map(|(title, _)| *title).collect();
                assert_eq!(shown, newest, "{window} {sort}");
            }
            shown.sort_unstable();
            let mut wanted: Vec<_> = ages[..seen].iter().map(|(title, _)| *title).collect();
            wanted.sort_unstable();
            assert_eq!(shown, wanted, "{window} {sort}");
        }
    }

    // The old one has the vote of somebody whom Ann follows, the new one her own, which counts nothing in
    // her lists: time beats that in hot.
    let item = |who: &Person, title: &str| {
        let all = who.json(&["top", "--window", "all"]);
        all.as_array().unwrap().iter().find(|item| item["title"] == title).cloned()
    };
    let id = |title: &str| item(&ann, title).unwrap()["id"].as_str().unwrap().to_owned();
    let (old, new) = (id("weeks"), id("hour"));
    until("Bob knows both", || item(&bob, "weeks").and(item(&bob, "hour")));
    ann.run(&["upvote", &old, &new]).ok();
    bob.run(&["upvote", &old]).ok();
    until("Ann counts both votes", || (item(&ann, "weeks")?["votes"] == 2).then_some(()));
    ann.run(&["follow", bob.status()["author"].as_str().unwrap()]).ok();
    until("it counts", || item(&ann, "weeks").filter(|item| item["score"] == 1.0));
    assert_eq!(titles(&ann, &["--window", "month", "--sort", "top"])[..2], ["weeks", "hour"]);
    assert_eq!(titles(&ann, &["--window", "month", "--sort", "hot"])[..2], ["hour", "days"]);
    assert_eq!(titles(&ann, &["--window", "day", "--sort", "top"]), ["hour"]);
}
