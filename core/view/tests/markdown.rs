//! Texts of people: what they may become.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use scraper::Html;
use upseed_view::markdown::{self, REL, SCHEMES, TAGS};

#[path = "samples/worst.rs"]
mod worst;

/// Asserts that nothing but the allow list is in the HTML; gives the visible text.
fn check(text: &str) -> String {
    let html = markdown::html(text).0;
    let tree = Html::parse_fragment(&html);
    for element in tree.tree.nodes().filter_map(|node| node.value().as_element()) {
        let name = element.name();
        assert!(["html", "body"].contains(&name) || TAGS.contains(&name), "<{name}> in {html}");
        for (attribute, value) in element.attrs() {
            let good = match (name, attribute) {
                ("a", "href") => {
                    let scheme = value.split(':').next().unwrap_or_default();
                    let absolute = scheme == "magnet" || value[scheme.len()..].starts_with("://");
                    SCHEMES.contains(&scheme) && absolute
                }
                ("a", "rel") => value == REL,
                ("a", "target") => value == "_blank",
                ("ol", "start") => value.parse::<u64>().is_ok(),
                ("span", "class") => value == "host",
                _ => false,
            };
            assert!(good, "<{name} {attribute}={value:?}> in {html}");
        }
        assert!(name != "a" || element.attr("rel").is_some(), "a link without rel in {html}");
    }
    tree.root_element().text().collect()
}

#[test]
fn what_markdown_is_for() {
    let html = markdown::html(
        "# Big\n\na *b* **c** ~~d~~ `e`\n\n> f\n\n3. g\n\n---\n\n```rust\nh<i>\n```",
    )
    .0;
    for part in [
        "<h2>Big</h2>",
        "<em>b</em> <strong>c</strong> <del>d</del> <code>e</code>",
        "<blockquote>\n<p>f</p>\n</blockquote>",
        "<ol start=\"3\">\n<li>g</li>",
        "<hr>",
        "<pre><code>h&lt;i&gt;\n</code></pre>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn links_are_absolute_and_name_their_host() {
    let link = |text: &str| markdown::html(text).0;
    let host = "<span class=\"host\">";
    assert!(link("[a](https://b.example/c)").contains(&format!("</a> {host}b.example</span>")));
    assert!(link("[https://bank.example](http://evil.example)").contains("evil.example</span>"));
    assert!(link("[a](https://раура.example)").contains("xn--"), "IDN in its ASCII form");
    assert!(link("[a](magnet:?xt=urn:btih:00)").contains(&format!("{host}magnet</span>")));
    // A bare address names its host itself, unless it hides it.
    let bare = link("see https://b.example/c_d?x=(1), and (https://e.example).");
    assert!(bare.contains("href=\"https://b.example/c_d?x=(1)\"") && !bare.contains("host"));
    assert!(bare.contains("href=\"https://e.example/\"") && bare.contains("</a>)."));
    assert!(link("https://bank.example@evil.example/").contains("evil.example</span>"));
}

#[test]
fn what_is_no_link() {
    for target in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "/api/v2/app/shutdown",
        "api/v2/app/shutdown",
        "//evil.example",
        "?a",
        "#a",
        "mailto:a@b",
        "http://localhost:8080/api",
        "http://x.localhost/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http:",
        "http://",
    ] {
        for text in [
            format!("[a](<{target}>)"),
            format!("[a]({target})"),
            format!("<{target}>"),
            target.into(),
        ] {
            check(&text);
            assert!(!markdown::html(&text).0.contains("href"), "{text}");
        }
    }
    // Alone it is an address on the host "api"; in a page it would be a path on the page's host.
    assert!(
        markdown::html("[a](http:/api/v2/app/shutdown)")
            .0
            .contains("href=\"http://api/v2/app/shutdown\"")
    );
}

#[test]
fn html_is_text_and_images_are_their_text() {
    assert_eq!(
        check("a <b onclick=x>c</b> <!-- d --> &lt;").trim(),
        "a <b onclick=x>c</b> <!-- d --> <"
    );
    assert_eq!(check("<script>alert(1)</script>").trim(), "<script>alert(1)</script>");
    assert_eq!(check("![a picture](https://t.example/pixel.png)").trim(), "a picture");
    assert_eq!(
        check("<span class=\"host\">bank.example</span>").trim(),
        "<span class=\"host\">bank.example</span>"
    );
}

#[test]
fn depth_is_bounded() {
    for unit in [">", "> ", "- ", "1. ", "* ", "**a *b ", "[", "~~a ", "- > "] {
        let html = markdown::html(&unit.repeat(10_000)).0;
        let tree = Html::parse_fragment(&html);
        let depth = tree.tree.nodes().map(|node| node.ancestors().count()).max();
        assert!(depth < Some(20), "{unit:?}: {depth:?}");
    }
    // What is deep stays readable.
    assert!(check(&format!("{}hello", "> ".repeat(50))).contains("hello"));
    let list: String = (0..40).map(|n| format!("{}- word{n}\n", " ".repeat(n * 2))).collect();
    assert!(check(&list).contains("word39"));
    // A rule of any length is a rule, and a table of hyphens no list.
    assert!(markdown::html(&format!("a\n\n{}\n\nb", "-".repeat(200))).0.contains("<hr>"));
}

#[test]
fn excerpts() {
    assert_eq!(markdown::plain("# A\n\nb *c* <i>d", 100), "A b c d");
    assert_eq!(markdown::plain("ééééé", 4), "éé…");
    assert!(markdown::plain(&"é".repeat(40_000), 240).len() < 250);
}

/// What becomes of 64 KiB of anything is bounded; how long that takes is for `benches/view.rs`.
#[test]
fn sixty_four_kilobytes_of_anything() {
    for (name, text) in worst::texts(65_536) {
        let html = markdown::html(&text).0;
        assert!(html.len() < 12 * 65_536, "{name:?}: {} bytes", html.len());
        let tree = Html::parse_fragment(&html);
        let depth = tree.tree.nodes().map(|node| node.ancestors().count()).max();
        assert!(depth < Some(20), "{name:?}: {depth:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 5_000 }) })]

    #[test]
    fn nothing_beyond_the_allow_list(text: String) {
        check(&text);
    }

    #[test]
    fn nor_from_pieces_of_markup(pieces in prop::collection::vec(prop::sample::select(vec![
        "<", ">", "\"", "'", "&", "&#x3c;", "[", "]", "(", ")", "![", "](", "](javascript:x)", "](http:/x)", "](http://a\"onx=y)",
        "<a href=", "<script>", "</script>", "<img src=x onerror=y>", "<svg/onload=x>", "<!--", "-->", "`", "```\n",
        "\n", "\n\n", "    ", "> ", "- ", "1. ", "# ", "*", "**", "_", "~~", "http://", "https://a.example", "magnet:?xt=",
        "\\", "\0", "\u{202e}", "a", " ", "[x]: data:text/html,x\n", "<http://a>", "<x@y>", "===\n", "---\n", "|",
    ]), 0..60)) {
        check(&pieces.concat());
    }
}

#[test]
fn marks_and_line_ends_of_any_editor() {
    let html = |text: &str| markdown::html(text).0;
    let expected = html("# A heading\n\n- a\n- b\n");
    assert!(expected.contains("<li>a</li>"), "{expected}");
    for text in [
        "\u{feff}# A heading\n\n- a\n- b\n",
        "# A heading\r\n\r\n- a\r\n- b\r\n",
        "# A heading\r\r- a\r- b\r",
        "# A heading\u{85}\u{85}- a\u{85}- b\u{85}",
        "\u{feff}# A heading\r\n\r- a\u{85}- b\n",
    ] {
        assert_eq!(html(text), expected, "{text:?}");
    }
    let plain = |text| markdown::plain(text, 100);
    assert_eq!(plain("\u{feff}# Title\rtext"), plain("# Title\ntext"));
}
