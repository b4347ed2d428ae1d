//! What a site is made of, and what is left out of it.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use upseed_api::{Item, Thread};
use upseed_site::{PAGE, Post, Site, comments};

fn site() -> Site {
    Site { board: "garden".parse().unwrap(), url: None }
}

fn id(number: usize) -> String {
    format!("{number:040x}")
}

fn item(number: usize, more: &Value) -> Item {
    let mut item = json!({
        "id": id(number), "work": format!("{number:064x}"), "magnet": "magnet:?xt=urn:btih:0",
        "kind": "post", "board": "garden", "title": format!("Post {number}"),
        "author": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "author_name": "Ann", "author_is": "followed", "time": 1_800_000_000, "first_seen": 1,
        "score": 0.0, "known": true, "votes": 2, "upvoted": true, "mine": false, "seeds": null,
        "verified": 0, "verified_at": null, "comments": 0, "parent": null, "root": null,
        "hosting": null, "dead": false, "text": "Some *text*.",
    });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(item).unwrap()
}

fn thread(item: Item, replies: Vec<Thread>) -> Thread {
    Thread { item, replies, cut: false }
}

fn posts(count: usize) -> Vec<Post> {
    // The newest first.
    let post = |n| Post { item: item(n, &json!({})), comments: 0, torrent_bytes: 300 };
    (0..count).rev().map(post).collect()
}

fn names(count: usize) -> Vec<String> {
    site().index(&posts(count)).into_iter().map(|file| file.path).collect()
}

#[test]
fn pages_are_numbered_from_the_oldest_so_that_a_new_post_changes_only_the_first() {
    assert_eq!(
        (names(0), names(2 * PAGE - 1)),
        (vec!["index.html".into()], vec!["index.html".into()])
    );
    assert_eq!(names(3 * PAGE), ["index.html", "page-2.html", "page-1.html"]);
    let (before, after) = (site().index(&posts(3 * PAGE)), site().index(&posts(3 * PAGE + 1)));
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1..], after[1..]);
    // Each post stands on one page.
    let all: String = after.iter().map(|page| String::from_utf8_lossy(&page.bytes)).collect();
    for number in 0..=3 * PAGE {
        assert_eq!(all.matches(&format!("t/{}.html", id(number))).count(), 1, "{number}");
    }
    // From each page to the next one, and back.
    let html = |at: usize| String::from_utf8(after[at].bytes.clone()).unwrap();
    assert!(html(0).contains("href=\"page-2.html\">Older") && !html(0).contains("Newer"));
    assert!(
        html(1).contains("href=\"index.html\">Newer")
            && html(1).contains("href=\"page-1.html\">Older")
    );
    assert!(html(2).contains("href=\"page-2.html\">Newer") && !html(2).contains("Older"));
}

#[test]
fn what_the_reader_does_not_see_is_left_out_and_what_answers_it_is_not() {
    let hidden = |number, what: &str| {
        item(number, &json!({ what: true, "title": null, "text": format!("secret{number}") }))
    };
    let answer = |number| item(number, &json!({ "title": null, "text": format!("open{number}") }));
    let thread = thread(
        item(1, &json!({})),
        vec![
            thread(hidden(2, "hidden"), vec![thread(answer(3), vec![])]),
            thread(hidden(4, "retracted"), vec![]),
            thread(hidden(5, "dead"), vec![thread(hidden(6, "hidden"), vec![])]),
        ],
    );
    let shown: Vec<_> = comments(&thread).map(|item| item.text.as_deref().unwrap()).collect();
    assert_eq!(shown, ["open3"]);
    let html = String::from_utf8(site().thread(&thread).bytes).unwrap();
    assert!(!html.contains("secret") && html.contains("open3"), "{html}");
    assert_eq!(html.matches("A comment is left out.").count(), 1);
    assert!(html.contains("1 comment"));
}

#[test]
fn nothing_of_the_reader_stands_on_a_page_and_nothing_that_was_written_gets_out_of_its_place() {
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let more = json!({ "title": hostile, "author_name": hostile, "text": hostile,
        "labels": [{ "action": "fold", "labeller": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                     "value": hostile, "reason": "", "of_author": false }] });
    let post = Post { item: item(1, &more), comments: 0, torrent_bytes: 1 };
    let thread = site().thread(&thread(post.item.clone(), vec![]));
    let files = site().index(std::slice::from_ref(&post)).into_iter().chain([thread]);
    for file in files {
        let html = String::from_utf8(file.bytes).unwrap();
        let page = scraper::Html::parse_document(&html);
        let count = |what: &str| page.select(&scraper::Selector::parse(what).unwrap()).count();
        assert_eq!((count("script"), count("[onload]")), (0, 0), "{html}");
        for own in ["followed", "▲", "upvoted"] {
            assert!(!html.contains(own), "{own}: {html}");
        }
    }
}

#[test]
fn the_feed_is_xml_with_whole_addresses_where_it_is_known_where_the_site_lies() {
    let posts = [Post {
        item: item(1, &json!({ "title": "a & <b>", "text": "x\u{1}y <i>" })),
        comments: 0,
        torrent_bytes: 1,
    }];
    for (url, link) in
        [(None, "t/"), (Some("https://example.org/a&b/".to_owned()), "https://example.org/a&b/t/")]
    {
        let feed = Site { url, ..site() }.feed(&posts);
        let text = String::from_utf8(feed.bytes).unwrap();
        let xml = roxmltree::Document::parse(&text).unwrap();
        let item = xml.descendants().find(|node| node.has_tag_name("item")).unwrap();
        let field = |name| item.children().find(|node| node.has_tag_name(name)).unwrap();
        assert_eq!(field("link").text().unwrap(), format!("{link}{}.html", id(1)));
        assert_eq!(field("title").text(), Some("a & <b>"));
        assert!(field("enclosure").attribute("url").unwrap().starts_with(link));
    }
}
