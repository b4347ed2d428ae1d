//! Every page, with values that want to break it.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use upseed_model::Infohash;
use upseed_view::{
    assets,
    feed::{self, Feed, FeedItem},
    front,
    markdown::{REL, SCHEMES, TAGS},
    thread::{self, Reply},
    *,
};

mod samples;
use samples::{Words, payloads};

fn select<'a>(within: ElementRef<'a>, what: &str) -> Vec<ElementRef<'a>> {
    within.select(&Selector::parse(what).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// What must hold for any page, whatever it shows.
fn check_page(name: &str, html: &str) {
    let tree = Html::parse_document(html);
    assert!(html.starts_with("<!DOCTYPE html>"), "{name}");
    let root = tree.root_element();
    let scripts = select(root, "script");
    assert_eq!(scripts.len(), 1, "{name}");
    assert_eq!(scripts[0].attr("src"), Some(&*Links::new("upseed").asset("upseed.js")));
    assert!(text(scripts[0]).is_empty());
    let ours = [
        "html", "head", "meta", "title", "link", "script", "body", "header", "nav", "main",
        "footer", "section", "article", "aside", "form", "input", "textarea", "button", "label",
        "select", "option", "datalist", "progress", "details", "summary", "dl", "dt", "dd", "div",
        "h1", "h3", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "time", "img", "bdi",
        "b", "i", "kbd", "mark",
    ];
    let attributes = [
        "action",
        "alt",
        "aria-busy",
        "aria-current",
        "aria-hidden",
        "aria-label",
        "aria-live",
        "aria-pressed",
        "autocapitalize",
        "autocomplete",
        "charset",
        "checked",
        "class",
        "content",
        "datetime",
        "dir",
        "form",
        "formnovalidate",
        "height",
        "hidden",
        "href",
        "id",
        "lang",
        "list",
        "max",
        "maxlength",
        "method",
        "min",
        "name",
        "open",
        "pattern",
        "placeholder",
        "readonly",
        "rel",
        "required",
        "role",
        "rows",
        "scope",
        "selected",
        "spellcheck",
        "src",
        "start",
        "tabindex",
        "target",
        "title",
        "translate",
        "type",
        "value",
        "width",
    ];
    let mut ids = HashSet::new();
    for element in select(root, "*") {
        let tag = element.value().name();
        assert!(ours.contains(&tag) || TAGS.contains(&tag), "{name}: <{tag}>");
        for (attribute, value) in element.value().attrs() {
            assert!(
                attributes.contains(&attribute) || attribute.starts_with("data-"),
                "{name}: <{tag} {attribute}>"
            );
            match attribute {
                "href" | "src" | "action" => {
                    let scheme = value.split(':').next().unwrap_or_default();
                    let theirs = element
                        .ancestors()
                        .filter_map(ElementRef::wrap)
                        .any(|a| a.attr("class") == Some("md"));
                    let good = if theirs {
                        SCHEMES.contains(&scheme) && element.attr("rel") == Some(REL)
                    } else {
                        value.starts_with("/upseed/")
                            || value == "#main"
                            || value.starts_with("magnet:?xt=urn:btih:")
                    };
                    assert!(good, "{name}: <{tag} {attribute}={value:?}>");
                }
                "id" => assert!(
                    ids.insert(value.to_owned()),
                    "{name}: two elements have the id {value}"
                ),
                _ => {}
            }
        }
    }
    for text_box in select(root, ".md") {
        for element in select(text_box, "*") {
            assert!(
                TAGS.contains(&element.value().name()),
                "{name}: <{}> in a text",
                element.value().name()
            );
        }
    }
    assert_eq!(select(root, "h1").len(), 1, "{name}: one h1");
    assert!(!text(select(root, "title")[0]).trim().is_empty(), "{name}: a title");
    for form in select(root, "form") {
        if form.attr("method") == Some("post") {
            for field in ["page_token", "back"] {
                let found = select(form, &format!("input[type=hidden][name={field}]"));
                assert_eq!(found.len(), 1, "{name}: {field} in {:?}", form.attr("action"));
            }
            let token = select(form, "input[name=page_token]")[0].attr("value");
            assert_eq!(token, Some("0123456789abcdef0123456789abcdef"));
        } else {
            assert_eq!(form.attr("role"), Some("search"), "{name}: a form by GET");
            assert!(!html.contains("role=\"search\"><input type=\"hidden\" name=\"page_token\""));
        }
    }
    for button in select(root, "button") {
        let named = button.attr("aria-label").is_some_and(|label| !label.is_empty())
            || !text(button).trim().is_empty();
        assert!(named, "{name}: a button without a name");
        if let Some(form) = button.attr("form") {
            assert!(ids.contains(form), "{name}: no form {form}");
        }
    }
    for field in select(root, "input:not([type=hidden]), textarea, select") {
        let labelled = field.attr("aria-label").is_some()
            || field
                .ancestors()
                .filter_map(ElementRef::wrap)
                .any(|a| a.value().name() == "label" && !text(a).trim().is_empty());
        assert!(labelled, "{name}: a field without a label: {:?}", field.attr("name"));
    }
    for link in select(root, "a") {
        let named = !text(link).trim().is_empty() || link.attr("aria-label").is_some();
        let theirs = link.attr("rel") == Some(REL);
        assert!(named || theirs, "{name}: a link without a name: {:?}", link.attr("href"));
    }
    for field in select(root, "[data-max]") {
        let label = field
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(|a| a.value().name() == "label")
            .unwrap();
        let next = label.next_siblings().filter_map(ElementRef::wrap).next().unwrap();
        assert_eq!(
            next.attr("class"),
            Some("left"),
            "{name}: the script looks for the count there"
        );
    }
}

#[test]
fn every_page_with_every_payload() {
    let links = Links::new("/upseed/");
    let all = payloads();
    assert!(all.len() >= 40);
    let realistic = Words::realistic();
    // Each payload alone in every place at once, on every page; the pages are many, so the longest
    // are not put everywhere.
    for payload in &all {
        let short: String = payload.chars().take(300).collect();
        let words = Words {
            titles: vec![short.clone()],
            names: vec![short.chars().take(64).collect()],
            texts: vec![payload.clone()],
            lines: vec![short],
            boards: realistic.boards.clone(),
        };
        let site = samples::site(&links, Strings::english(), &words);
        for (name, html) in words.pages(&site) {
            check_page(&format!("{name} with {:.40?}", payload), &html);
        }
    }
}

#[test]
fn realistic_pages_in_a_frame_carry_the_token_everywhere() {
    let links = Links::new("/upseed/").carrying("token", "t0k&n").carrying("theme", "dark");
    let words = Words::realistic();
    let site = Site { feed: None, ..samples::site(&links, Strings::english(), &words) };
    for (name, html) in words.pages(&site) {
        check_page(name, &html);
        let tree = Html::parse_document(&html);
        for element in select(tree.root_element(), "[href], [action], [data-events]") {
            let address =
                ["href", "action", "data-events"].iter().find_map(|a| element.attr(a)).unwrap();
            let ours = address.starts_with("/upseed/") && !address.starts_with("/upseed/assets/");
            let search = element.attr("role") == Some("search")
                && select(element, "[name=token][value='t0k&n']").len() == 1;
            assert!(!ours || search || address.contains("token=t0k%26n"), "{name}: {address}");
        }
    }
}

#[test]
fn a_name_cannot_claim_to_be_you() {
    let links = Links::new("/upseed/");
    let mut words = Words::realistic();
    words.names = vec!["<b class=\"you\">you</b>".into(), "you".into()];
    let site = samples::site(&links, Strings::english(), &words);
    let mut item = words.item(0);
    for relation in [Relation::Stranger, Relation::You] {
        item.author.relation = relation;
        let page =
            front::page(&site, &front::FrontPage { items: vec![item.clone()], ..words.front(0) });
        let tree = Html::parse_document(&page);
        let marks = select(tree.root_element(), ".it b.you").len();
        assert_eq!(marks, usize::from(relation == Relation::You));
        // The name is alone in its box, and the key stands beside it.
        let name = select(tree.root_element(), ".it .by bdi")[0];
        assert_eq!(text(name), item.author.name);
        assert_eq!(text(select(tree.root_element(), ".it .by i")[0]), item.author.short_key());
    }
}

#[test]
fn titles_come_through_unchanged() {
    let links = Links::new("/upseed/");
    let words = Words::realistic();
    let site = samples::site(&links, Strings::english(), &words);
    for payload in payloads()
        .into_iter()
        .filter(|payload| !payload.contains(['\0', '\r']) && payload.len() < 300)
    {
        let item = ItemView { title: Some(payload.clone()), ..words.item(0) };
        let page = front::page(&site, &front::FrontPage { items: vec![item], ..words.front(0) });
        let tree = Html::parse_document(&page);
        assert_eq!(text(select(tree.root_element(), ".it h2")[0]), payload);
    }
    for unseen in ["\u{3164}", "\u{200b}\u{200b}", "\u{a0}", "\u{e0041}"] {
        let item = ItemView { title: Some(unseen.into()), ..words.item(0) };
        let page = front::page(&site, &front::FrontPage { items: vec![item], ..words.front(0) });
        let tree = Html::parse_document(&page);
        assert_eq!(text(select(tree.root_element(), ".it h2")[0]), "(no title)");
    }
}

/// Nothing that is read on a page, or read out, bypasses `strings.rs`.
#[test]
fn the_pseudo_locale_covers_everything() {
    let (links, pseudo) = (Links::new("/upseed/"), Strings::pseudo());
    let value = || vec!["⟨value⟩".to_owned()];
    let boards: Vec<_> = ["1", "2", "3"].map(|name| name.parse().unwrap()).into();
    let words = Words { titles: value(), names: value(), texts: value(), lines: value(), boards };
    let mut site = samples::site(&links, &pseudo, &words);
    site.status.client = "⟨client⟩".into();
    let foreign = |text: &str| {
        // Innermost first, so that a value inside a text goes before the text around it.
        let mut rest = text.to_owned();
        for (open, close) in [('⟨', '⟩'), ('⟦', '⟧')] {
            while let Some(end) = rest.find(close) {
                let start = rest[..end].rfind(open).unwrap_or_else(|| panic!("{text}"));
                rest.replace_range(start..end + close.len_utf8(), "");
            }
        }
        rest.chars().any(char::is_alphabetic)
    };
    let mut seen = HashSet::new();
    for (name, html) in words.pages(&site) {
        let tree = Html::parse_document(&html);
        for node in tree.tree.nodes() {
            if let Some(text) = node.value().as_text() {
                let parent = node.parent().and_then(ElementRef::wrap).unwrap();
                // Keys, commands, addresses and the 24 words are the same in every language.
                let skip = matches!(parent.value().name(), "code" | "kbd" | "i")
                    || parent
                        .parent()
                        .and_then(ElementRef::wrap)
                        .is_some_and(|up| up.attr("class") == Some("words"))
                    || (parent.attr("class") == Some("vh")
                        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '))
                    || parent.attr("class") == Some("n")
                    || (parent.value().name() == "title" && name == "person-stranger");
                assert!(
                    skip || !foreign(text),
                    "{name}: {:?} in {}",
                    &**text,
                    parent.html().chars().take(200).collect::<String>()
                );
                seen.extend(text.split('⟦').skip(1).map(str::to_owned));
            }
            let Some(element) = node.value().as_element() else {
                continue;
            };
            for attribute in [
                "title",
                "aria-label",
                "placeholder",
                "alt",
                "data-failed",
                "data-left",
                "data-over",
                "data-ages",
            ] {
                if let Some(value) = element.attr(attribute) {
                    assert!(!foreign(value), "{name}: {attribute}={value:?}");
                }
            }
        }
    }
    assert!(seen.len() > 150, "only {} texts were seen", seen.len());
}

/// A list of forty, a third more than a page has, the stylesheet and the script: at most 60 kB on the way to the browser.
#[test]
fn the_first_page_is_small() {
    let links = Links::new("/upseed/");
    let words = Words::realistic();
    let site = samples::site(&links, Strings::english(), &words);
    let html = front::page(&site, &words.front(40));
    assert_eq!(html.matches("<li class=\"it\"").count(), 40);
    let (packed, raw) = assets::ALL.iter().fold((0, 0), |(packed, raw), asset| {
        (packed + asset.gzip().len(), raw + asset.bytes.len())
    });
    println!("html {} + assets {packed} packed, {raw} raw", html.len());
    assert!(html.len() + packed <= 60_000, "{} + {packed}", html.len());
}

#[test]
fn threads_nest_are_cut_and_do_not_recurse() {
    let links = Links::new("/upseed/");
    let words = Words::realistic();
    let site = samples::site(&links, Strings::english(), &words);
    let reply = |depth| Reply {
        depth,
        item: ItemView { id: samples::id(5_000 + depth), ..words.comment(1) },
        below: 0,
        more: 0,
    };
    let deep = thread::ThreadView {
        replies: (0..100_000).map(reply).collect(),
        more: None,
        ..words.thread()
    };
    let page = thread::page(&site, &deep);
    let tree = Html::parse_document(&page);
    assert_eq!(select(tree.root_element(), ".re").len(), thread::MAX_DEPTH);
    assert_eq!(page.matches(&*Strings::english().continue_thread).count(), 1);
    assert!(select(tree.root_element(), &".re ".repeat(thread::MAX_DEPTH)).len() == 1);

    // A depth that jumps is put where it can be; a reply after it is beside, not below.
    let jumping = thread::ThreadView {
        replies: [0, 7, 1, 0]
            .into_iter()
            .enumerate()
            .map(|(n, depth)| Reply {
                item: ItemView { id: samples::id(n + 9_000), ..words.comment(1) },
                ..reply(depth)
            })
            .collect(),
        ..words.thread()
    };
    let page = thread::page(&site, &jumping);
    check_page("jumping", &page);
    let tree = Html::parse_document(&page);
    assert_eq!(select(tree.root_element(), "#c > .re").len(), 2);
}

#[test]
fn a_thread_grows_with_its_comments() {
    let links = Links::new("/upseed/");
    let words = Words::realistic();
    let site = samples::site(&links, Strings::english(), &words);
    let [few, many] = [125, 500].map(|count| {
        let replies = samples::replies(&words, count);
        thread::page(&site, &thread::ThreadView { replies, ..words.thread() }).len()
    });
    assert!(many < 4 * few, "{few} bytes for 125 comments, {many} for 500");
}

#[test]
fn updates_are_what_the_script_reads() {
    let words = Words::realistic();
    let mut item = words.item(0);
    item.vote = Vote::Fetching(Some(40));
    let json = serde_json::to_value(item.update(Strings::english(), samples::NOW)).unwrap();
    assert_eq!(json["id"], item.id.to_string());
    assert_eq!(json["state"], "fetching");
    assert_eq!(json["detail"], 40);
    assert_eq!(json["upvoted"], true);
    assert_eq!(json["show"]["status"], "fetching 40 %");
    assert_eq!(json["show"]["action"], "Remove upvote");
    assert_eq!(json["show"]["class"], "up on wait");
    let script = std::str::from_utf8(assets::find("upseed.js").unwrap().bytes).unwrap();
    for field in json["show"].as_object().unwrap().keys() {
        assert!(script.contains(&format!("show.{field}")), "the script does not read {field}");
    }
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "srcdoc",
        "localStorage",
        "cookie",
    ] {
        assert!(!script.contains(sink), "{sink}");
    }
}

#[test]
fn feeds_are_valid_for_any_input() {
    let links = Links::new("/upseed/").carrying("token", "SECRET");
    let words = Words::realistic();
    let mut items: Vec<ItemView> = payloads()
        .into_iter()
        .enumerate()
        .map(|(n, payload)| ItemView {
            id: samples::id(n),
            title: Some(payload.chars().take(300).collect()),
            text: Text::Known(payload),
            ..words.item(n)
        })
        .collect();
    items.push(words.comment(1));
    items.push(ItemView {
        text: Text::Nobody,
        title: Some("\u{b}\u{fffe}\u{ffff}".into()),
        ..words.item(77)
    });
    let with: Vec<_> = items.iter().map(|item| FeedItem { item, torrent_bytes: 1_234 }).collect();
    let frame = Feed {
        origin: "http://127.0.0.1:7667",
        title: "<&>",
        page: "/upseed/?sort=top&window=week",
        token: "f&d",
    };
    let xml = feed::feed(&frame, &with, &links, Strings::english());
    assert!(!xml.contains("SECRET"));
    let tree = roxmltree::Document::parse(&xml).unwrap();
    let found: Vec<_> = tree.descendants().filter(|node| node.has_tag_name("item")).collect();
    assert_eq!(found.len(), items.len());
    for (node, item) in found.iter().zip(&items) {
        let child = |name: &str| node.children().find(|child| child.has_tag_name(name));
        let guid = child("guid").unwrap();
        assert_eq!(guid.attribute("isPermaLink"), Some("false"));
        assert_eq!(guid.text().unwrap().parse::<Infohash>(), Ok(item.id));
        let enclosure = child("enclosure").unwrap();
        assert_eq!(enclosure.attribute("type"), Some("application/x-bittorrent"));
        assert_eq!(enclosure.attribute("length"), Some("1234"));
        assert_eq!(
            enclosure.attribute("url"),
            Some(&*format!("http://127.0.0.1:7667/upseed/torrent/{}.torrent?feed=f%26d", item.id))
        );
        assert!(child("pubDate").unwrap().text().unwrap().ends_with(" +0000"));
    }
    assert_eq!(
        found[0].children().find(|child| child.has_tag_name("title")).unwrap().text(),
        Some("<script>alert(1)</script>")
    );
}
