//! Texts, boards, settings, refusals and what else only this node knows.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::{NOW, World, answer, board, follow_list, item, post, public};
use upseed_model::{
    Infohash, Kind, Network, Record, SignedItem, StatementKind, WorkId,
    rank::{Sort, Window},
};
use upseed_store::{BoardRow, DAY, Draft, Keep, Refusal, Store, StoreError, TopQuery};

fn with_world() -> (Store, World) {
    let (store, world) = (Store::open_in_memory().unwrap(), World::new());
    store.ingest(&world.records(), NOW).unwrap();
    (store, world)
}

#[test]
fn the_cache_evicts_what_was_not_read_for_longest() {
    let (store, world) = with_world();
    let [a, b, c, d] = [0, 1, 2, 3].map(|n| &world.items[n]);
    for item in [a, b, c] {
        store.put_text(&item.work(), &[b'x'; 100], Keep::Cache).unwrap();
    }
    store.put_text(&d.work(), &[b'x'; 100], Keep::Hosted).unwrap();
    assert!(store.text(&a.infohash()).unwrap().is_some());
    assert_eq!(store.evict_cache(250).unwrap(), 100);
    assert!(store.text(&b.infohash()).unwrap().is_none());
    assert_eq!(store.evict_cache(150).unwrap(), 100);
    assert!(store.text(&c.infohash()).unwrap().is_none());
    assert!(store.text(&a.infohash()).unwrap().is_some());
    assert_eq!(store.evict_cache(0).unwrap(), 100);
    let counts = store.counts().unwrap();
    assert_eq!((counts.cached, counts.cache_bytes, counts.hosted), (0, 0, 1));
    assert_eq!(counts.texts_bytes, 100, "hosted texts are never evicted");
    // It can come back.
    store.put_text(&b.work(), b"again", Keep::Cache).unwrap();
    assert_eq!(store.text(&b.infohash()).unwrap().as_deref(), Some(&b"again"[..]));
    store.set_keep(&b.work(), Keep::Own).unwrap();
    assert_eq!(store.counts().unwrap().own, 1);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn missing_texts_are_the_placed_ones_newest_first() {
    let (store, world) = with_world();
    let boards = [board("a"), board("b"), board("nowhere")];
    let missing = |since, limit| store.missing_texts(&boards, since, limit, 1 << 20).unwrap();
    let all = missing(0, 100);
    // "one" is retracted by its author, so it is hidden.
    let hidden = world.items[0].work();
    assert!(all.iter().all(|(work, _)| *work != hidden));
    let times: Vec<u64> =
        all.iter().map(|(work, _)| store.record(work).unwrap().unwrap().time()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b) && times.len() > 4, "{times:?}");
    assert_eq!(missing(0, 2), all[..2]);
    assert_eq!(missing(times[1], 100).len(), 2);
    store.put_text(&all[0].0, b"x", Keep::Cache).unwrap();
    store.mark_dead(&all[1].0, NOW).unwrap();
    assert_eq!(missing(0, 100), all[2..]);
    store.evict_cache(0).unwrap();
    assert_eq!(missing(0, 100), all[2..], "what was evicted is not fetched again unasked");
    let dead = store.item_by_work(&all[1].0).unwrap().unwrap();
    assert!(dead.dead && dead.hidden);
}

/// A post of person `n` whose text has so many bytes.
fn long_post(n: u8, title: &str, bytes: usize) -> (SignedItem, Vec<u8>) {
    let (text, title) = (vec![b'x'; bytes], title.parse().unwrap());
    (item(n, board("a"), Kind::Post { title }, NOW, &text), text)
}

#[test]
fn cheap_texts_of_strangers_push_nothing_out_that_people_wrote_whom_the_reader_knows() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    let known = long_post(2, "known", 1_000);
    let strange: Vec<_> = (10..20).map(|n| long_post(n, "flood", 1_000)).collect();
    let follows = follow_list(1, NOW, 0, &[2]);
    let all = [&known].into_iter().chain(&strange);
    store.ingest(&[Record::Statement(follows)], NOW).unwrap();
    for (item, text) in all {
        store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
        store.put_text(&item.work(), text, Keep::Cache).unwrap();
    }
    let has_text = |item: &SignedItem| store.text(&item.infohash()).unwrap().is_some();
    // The known one was not read for the longest.
    assert_eq!(store.evict_cache(16_000).unwrap(), 0);
    store.evict_cache(3_000).unwrap();
    assert!(has_text(&known.0), "a follow's text stays");
    assert!(strange[..7].iter().all(|(item, _)| !has_text(item)));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn long_texts_of_strangers_are_fetched_unasked_only_while_there_is_room() {
    let store = Store::open_in_memory().unwrap();
    store.set_me(Some(public(1))).unwrap();
    store.ingest(&[Record::Statement(follow_list(1, NOW, 0, &[2]))], NOW).unwrap();
    let known = long_post(2, "known and long", 9_000).0;
    let long = long_post(3, "strange and long", 9_000).0;
    let short = long_post(3, "strange and short", 8_192);
    for item in [&known, &long, &short.0] {
        store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
    }
    let missing = |until| -> HashSet<WorkId> {
        let missing = store.missing_texts(&[board("a")], 0, 10, until).unwrap();
        missing.into_iter().map(|(work, _)| work).collect()
    };
    assert_eq!(missing(1), [&known, &long, &short.0].map(SignedItem::work).into());
    assert_eq!(missing(0), [&known, &short.0].map(SignedItem::work).into());
    store.put_text(&short.0.work(), &short.1, Keep::Cache).unwrap();
    assert_eq!(missing(8_192), [known.work()].into());
    assert_eq!(missing(8_193), [&known, &long].map(SignedItem::work).into());
    store.rebuild_derived().unwrap();
    assert_eq!(missing(8_192), [known.work()].into());
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn muted_and_retracted_posts_are_left_out_of_lists() {
    let (store, world) = with_world();
    let query = |hidden| TopQuery {
        boards: vec![board("a"), board("b")],
        window: Window::All,
        sort: Sort::New,
        limit: 10,
        now: NOW,
        hidden,
        texts: true,
        known: None,
    };
    let shown = |hidden| -> Vec<WorkId> {
        store.top(&query(hidden)).unwrap().iter().map(|row| row.item.work()).collect()
    };
    let [one, two, three] = [0, 1, 2].map(|n| world.items[n].work());
    assert_eq!(shown(false), [two, three], "one is retracted; two only by somebody else");
    assert_eq!(shown(true), [two, three, one]);
    assert!(store.item_by_work(&one).unwrap().unwrap().retracted);
    store.mute(&public(2), NOW).unwrap();
    assert_eq!(shown(false), [three]);
    assert!(store.is_muted(&public(2)).unwrap());
    // What the muted write later is left out too.
    let late = post(2, board("a"), "late", NOW);
    store.ingest(&[Record::Item(late)], NOW).unwrap();
    assert_eq!(shown(false), [three]);
    assert_eq!(store.mutes().unwrap(), [public(2)]);
    store.unmute(&public(2)).unwrap();
    assert_eq!(shown(false).len(), 3);
    // No boards: the joined ones.
    let joined = TopQuery { boards: Vec::new(), ..query(false) };
    assert!(store.top(&joined).unwrap().is_empty());
    store.join(&board("b"), &[], NOW).unwrap();
    assert_eq!(store.top(&joined).unwrap().len(), 1);
}

#[test]
fn items_are_found_by_people_and_by_prefix() {
    let (store, world) = with_world();
    let item = &world.items[4];
    let hex = item.infohash().to_string();
    for length in [40, 39, 12, 7] {
        let found = store.find(&hex[..length]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].item, *item);
    }
    assert_eq!(store.find(&hex.to_uppercase()).unwrap().len(), 1);
    assert!(store.find("").unwrap().is_empty() && store.find("xyz").unwrap().is_empty());
    assert!((0..16).any(|n| store.find(&format!("{n:x}")).unwrap().len() == 2));

    let by = store.by_author(&public(1), u64::MAX, 3).unwrap();
    assert_eq!(by.len(), 3);
    assert!(by.iter().all(|row| row.item.author() == public(1)));
    assert!(by.is_sorted_by(|a, b| a.item.time() >= b.item.time()));
    assert!(store.by_author(&public(1), by[2].item.time(), 3).unwrap().len() < 3);

    store.set_me(Some(public(1))).unwrap();
    let inbox: Vec<_> = store.inbox(9).unwrap().iter().map(|row| row.item.work()).collect();
    // Answers to "one": c4 and c1, the later first.
    assert_eq!(inbox, [world.items[6].work(), world.items[3].work()]);

    let works = [item.work(), WorkId::from_bytes([1; 32])];
    let records = store.records(&works, usize::MAX).unwrap();
    assert_eq!(records, [(works[0], Some(item.header().to_vec())), (works[1], None)]);
    let twice = [works[0], works[0]];
    let size = item.header().len();
    assert_eq!(
        [1, size, size + 1].map(|most| store.records(&twice, most).unwrap().len()),
        [1, 1, 2]
    );
    assert!(matches!(store.wish_up(&works[1], NOW), Err(StoreError::UnknownItem(_))));
    assert_eq!(store.statements_of(&public(1), StatementKind::Follows).unwrap().len(), 1);
}

#[test]
fn a_second_signature_is_not_kept() {
    let item = post(1, board("a"), "x", NOW);
    let store = Store::open_in_memory().unwrap();
    let record = Record::Item(item.clone());
    let both = store.ingest(&[record.clone(), record], NOW).unwrap();
    assert_eq!(both, [upseed_store::Outcome::New, upseed_store::Outcome::Known]);
    assert_eq!(store.counts().unwrap().items, 1);
}

#[test]
fn boards_settings_and_blobs_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    let trackers = ["udp://one".to_string(), "udp://two".to_string()];
    let joined = store.join(&board("a"), &trackers[..1], NOW).unwrap();
    let again = store.join(&board("a"), &trackers, NOW + 9).unwrap();
    assert_eq!(again, BoardRow { trackers: trackers.to_vec(), ..joined });
    store.set_board(&BoardRow { min_bits: 20, ..again.clone() }).unwrap();
    store.join(&board("b"), &[], NOW + 1).unwrap();
    assert!(store.leave(&board("b")).unwrap() && !store.leave(&board("b")).unwrap());
    store.set_setting("theme", Some("dark")).unwrap();
    store.set_setting("gone", Some("x")).unwrap();
    store.set_setting("gone", None).unwrap();
    store.set_blob("dht", &[1, 2]).unwrap();
    assert_eq!(store.device(|| [1, 2, 3, 4]).unwrap(), [1, 2, 3, 4]);
    store.set_me(Some(public(3))).unwrap();
    drop(store);

    let store = Store::open(&path).unwrap();
    assert_eq!(store.boards().unwrap(), [BoardRow { min_bits: 20, ..again }]);
    assert_eq!(store.settings().unwrap(), [("theme".into(), "dark".into())]);
    assert_eq!(store.setting("gone").unwrap(), None);
    assert_eq!(store.blob("dht").unwrap(), Some(vec![1, 2]));
    assert_eq!(store.device(|| [9; 4]).unwrap(), [1, 2, 3, 4]);
    assert_eq!(store.me(), Some(public(3)));
}

#[test]
fn refusals_last_as_long_as_they_should() {
    let store = Store::open_in_memory().unwrap();
    let work = WorkId::from_bytes([7; 32]);
    let refusal = |n, work, until| Refusal { hash: [n; 32], work, until };
    store.remember_refused(&[refusal(1, Some(work), None), refusal(2, None, Some(NOW))]).unwrap();
    let refused = |now| store.are_refused(&[[1; 32], [2; 32], [3; 32]], now).unwrap();
    assert!(store.has(&work).unwrap());
    assert_eq!(refused(NOW - 1), [true, true, false]);
    assert_eq!(refused(NOW), [true, false, false]);
}

#[test]
fn what_is_too_early_waits_within_bounds() {
    let store = Store::open_in_memory().unwrap();
    let records: Vec<_> = (0..4_u8).map(|n| (vec![n; 600_000], NOW + u64::from(n))).collect();
    let records: Vec<_> = records.iter().map(|(bytes, due)| (bytes.as_slice(), *due)).collect();
    store.put_later(&records[1..]).unwrap();
    store.put_later(&records[..1]).unwrap();
    assert_eq!(store.next_due().unwrap(), Some(NOW));
    assert_eq!(store.take_due(NOW + 1, 1).unwrap().len(), 1);
    assert_eq!(store.take_due(NOW + 1, 9).unwrap(), [vec![1; 600_000]]);
    assert_eq!(store.take_due(NOW + 9, 9).unwrap(), [vec![2; 600_000]], "the last due went");
}

#[test]
fn the_last_seen_peers_are_kept() {
    let (store, a) = (Store::open_in_memory().unwrap(), board("a"));
    for n in 0..210 {
        store.remember_peer(&a, &format!("198.51.100.{n}:7"), NOW + n).unwrap();
    }
    assert_eq!(store.kept_peers(&a, 1).unwrap(), ["198.51.100.209:7"]);
    assert_eq!(store.kept_peers(&a, 999).unwrap().len(), 200);
    assert!(store.kept_peers(&board("b"), 9).unwrap().is_empty());
    store.forget_peer(&a, "198.51.100.209:7").unwrap();
    assert_eq!(store.kept_peers(&a, 1).unwrap(), ["198.51.100.208:7"]);
}

#[test]
fn seeds_are_shown_beside_votes() {
    let (store, world) = with_world();
    let item = &world.items[1];
    store.set_seeds(&item.infohash(), 5, true, NOW).unwrap();
    let row = store.item(&item.infohash()).unwrap().unwrap();
    assert_eq!((row.seeds, row.seeds_checked), (Some(5), true));
    let late = answer(4, item, "late", NOW);
    store.ingest(&[Record::Item(late.clone())], NOW).unwrap();
    assert_eq!(store.item(&late.infohash()).unwrap().unwrap().seeds, None);
}

/// A network of documentation addresses (RFC 5737, 3849) or another one.
fn network(ip: &str) -> Network {
    Network::of(ip.parse().unwrap())
}

fn verified(store: &Store, item: &SignedItem) -> (u32, Option<u64>) {
    let row = store.item(&item.infohash()).unwrap().unwrap();
    (row.verified, row.verified_at)
}

#[test]
fn networks_are_counted_once_and_forgotten_after_a_week() {
    let (store, world) = with_world();
    let item = &world.items[1];
    let saw = |networks: &[Network], now| {
        store.set_verified(&[(item.infohash(), networks.to_vec())], now).unwrap();
    };
    assert_eq!(verified(&store, item), (0, None));
    saw(&[network("203.0.113.1"), network("203.0.113.2")], NOW);
    saw(&[network("2001:db8::1"), network("203.0.113.3")], NOW + 60);
    assert_eq!(verified(&store, item), (2, Some(NOW + 60)));
    assert_eq!(store.item(&item.infohash()).unwrap().unwrap().seeds, Some(2), "hosts for certain");
    store.set_seeds(&item.infohash(), 1, false, NOW).unwrap();
    assert_eq!(store.item(&item.infohash()).unwrap().unwrap().seeds, Some(2), "whoever was named");
    store.set_seeds(&item.infohash(), 9, false, NOW).unwrap();
    assert_eq!(store.item(&item.infohash()).unwrap().unwrap().seeds, Some(9));
    // What is unknown is passed over.
    store
        .set_verified(&[(Infohash::from_bytes([9; 20]), vec![network("203.0.113.1")])], NOW)
        .unwrap();

    saw(&[network("2001:db8::1")], NOW + DAY);
    store.expire(NOW + 60 + 7 * DAY).unwrap();
    assert_eq!(verified(&store, item), (1, Some(NOW + DAY)));
    store.expire(NOW + 8 * DAY).unwrap();
    assert_eq!(verified(&store, item), (0, None));
}

#[test]
fn of_any_number_of_networks_those_seen_last_are_kept() {
    let (store, world) = with_world();
    let item = &world.items[1];
    for n in 0..200_u8 {
        let seen = vec![network(&format!("198.51.{n}.1"))];
        store.set_verified(&[(item.infohash(), seen)], NOW + u64::from(n)).unwrap();
    }
    assert_eq!(verified(&store, item), (64, Some(NOW + 199)));
    store.expire(NOW + 135 + 7 * DAY).unwrap();
    assert_eq!(verified(&store, item).0, 64, "none of those that went was newer");
    store.expire(NOW + 136 + 7 * DAY).unwrap();
    assert_eq!(verified(&store, item).0, 63);
}

#[test]
fn what_was_saved_stays_and_is_no_vote() {
    let (store, world) = with_world();
    let [a, b] = [3, 4].map(|n| &world.items[n]);
    let unknown = WorkId::from_bytes([9; 32]);
    assert!(matches!(store.set_saved(&unknown, true, NOW), Err(StoreError::UnknownItem(_))));
    store.set_saved(&a.work(), true, NOW).unwrap();
    store.set_saved(&b.work(), true, NOW + 1).unwrap();
    store.set_saved(&a.work(), true, NOW + 2).unwrap();
    let saved = |skip, limit| -> Vec<WorkId> {
        let rows = store.saved_items(skip, limit).unwrap();
        rows.iter().map(|row| row.item.work()).collect()
    };
    assert_eq!(saved(0, 9), [b.work(), a.work()], "saving twice changes nothing");
    assert_eq!((saved(0, 1), saved(1, 9)), (vec![b.work()], vec![a.work()]));
    let row = store.item_by_work(&a.work()).unwrap().unwrap();
    assert!(row.saved && !row.upvoted && row.hosting.is_none());
    store.put_text(&a.work(), b"x", Keep::Cache).unwrap();
    store.put_text(&world.items[5].work(), b"y", Keep::Cache).unwrap();
    assert_eq!(store.evict_cache(1).unwrap(), 1);
    assert!(store.text(&a.infohash()).unwrap().is_some(), "its text goes last");
    store.set_saved(&b.work(), false, NOW).unwrap();
    assert_eq!(saved(0, 9), [a.work()]);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn posts_of_some_people_are_the_newest_first_and_none_that_lists_leave_out() {
    let store = Store::open_in_memory().unwrap();
    for (n, name, title, time) in
        [(1, "a", "one", 1), (2, "a", "two", 2), (3, "a", "three", 3), (1, "b", "four", 4)]
    {
        let item = post(n, board(name), title, NOW + time);
        store.publish(&item, b"text", NOW).unwrap();
    }
    let titles = |people: &[u8], on: Option<&str>, skip, limit| -> Vec<String> {
        let people: Vec<_> = people.iter().map(|n| public(*n)).collect();
        let on = on.map(board);
        let rows = store.posts_by(&people, on.as_ref(), skip, limit).unwrap();
        rows.iter().map(|row| row.item.title().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&[1, 2], None, 0, 9), ["four", "two", "one"]);
    assert_eq!(titles(&[1, 2], None, 1, 1), ["two"]);
    assert_eq!(titles(&[1, 2], Some("a"), 0, 9), ["two", "one"]);
    assert_eq!(titles(&[1], Some("nowhere"), 0, 9), [""; 0]);
    assert_eq!(titles(&[], None, 0, 9), [""; 0]);
    store.mute(&public(2), NOW).unwrap();
    assert_eq!(titles(&[1, 2, 77], None, 0, 9), ["four", "one"]);
}

#[test]
fn the_last_visits_are_remembered_and_no_more_than_two_thousand() {
    let store = Store::open_in_memory().unwrap();
    assert_eq!(store.visited("t/1").unwrap(), None);
    for n in 0..2_003 {
        store.visit(&format!("t/{n}"), NOW + n).unwrap();
    }
    store.visit("t/2002", NOW + 9_000).unwrap();
    let seen = |n: u64| store.visited(&format!("t/{n}")).unwrap();
    assert_eq!((seen(2), seen(3), seen(2_002)), (None, Some(NOW + 3), Some(NOW + 9_000)));
}

#[test]
fn drafts_are_kept_by_place_and_the_oldest_go() {
    let store = Store::open_in_memory().unwrap();
    let draft = |n: u64| Draft { text: format!("Text {n}"), ..Draft::default() };
    for n in 0..101 {
        store.set_draft(&format!("reply/{n}"), Some(&draft(n)), NOW + n).unwrap();
    }
    assert_eq!(store.draft("reply/0").unwrap(), None);
    assert_eq!(store.draft("reply/1").unwrap(), Some(draft(1)));
    store.set_draft("reply/1", Some(&draft(7)), NOW + 200).unwrap();
    assert_eq!(store.draft("reply/1").unwrap(), Some(draft(7)));
    store.set_draft("reply/1", None, NOW).unwrap();
    assert_eq!(store.draft("reply/1").unwrap(), None);
}
