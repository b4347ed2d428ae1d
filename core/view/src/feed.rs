//! RSS 2.0, for feed readers and for the torrent clients that read feeds.

use std::fmt::Write as _;

use crate::{
    Links, Strings,
    item::{self, ItemView, Text},
    markdown, time,
};

/// A feed's frame.
#[derive(Debug, Clone, Copy)]
pub struct Feed<'a> {
    /// Scheme, host and port as the reader's program sees them, e.g. `http://127.0.0.1:7667`:
    /// a feed has no relative addresses.
    pub origin: &'a str,
    /// What it lists, e.g. "science: top, week".
    pub title: &'a str,
    /// The same list's page, below `origin` (from [`Links`]).
    pub page: &'a str,
    /// The read-only token that its addresses carry.
    pub token: &'a str,
}

/// One item of a feed.
#[derive(Debug, Clone, Copy)]
pub struct FeedItem<'a> {
    /// The item.
    pub item: &'a ItemView,
    /// Bytes of its .torrent.
    pub torrent_bytes: u64,
}

/// Bytes of a text that go into a feed.
const MAX_DESCRIPTION: usize = 4_096;

/// The whole feed. Valid XML for any input.
pub fn feed(feed: &Feed<'_>, items: &[FeedItem<'_>], links: &Links, strings: &Strings) -> String {
    let mut out = Writer(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    // The session's token never gets into a feed.
    let open = Links::new(links.prefix());
    out.raw("<rss version=\"2.0\"><channel>\n");
    out.tag("title", &format!("{}: {}", strings.site, feed.title));
    out.tag("link", &format!("{}{}", feed.origin, feed.page));
    out.tag("description", &strings.welcome_title);
    out.tag("language", &strings.lang);
    // Not the time of this answer: a feed whose items are the same is the same, byte for byte.
    if let Some(newest) = items.iter().map(|it| it.item.time).max() {
        out.tag("lastBuildDate", &time::rfc2822(newest));
    }
    out.raw("<ttl>15</ttl>\n");
    for FeedItem { item, torrent_bytes } in items {
        out.raw("<item>\n");
        let title = match (&item.title, &item.root) {
            (Some(title), _) => item::title(strings, Some(title)).to_owned(),
            (None, Some((_, Some(root)))) => format!("Re: {}", item::title(strings, Some(root))),
            (None, _) => item.id.to_string(),
        };
        out.tag("title", &title);
        out.tag("link", &format!("{}{}", feed.origin, open.item(&item.id)));
        let _ = writeln!(out.0, "<guid isPermaLink=\"false\">{}</guid>", item.id);
        out.tag("pubDate", &time::rfc2822(item.time));
        out.tag("category", item.board.as_str());
        if let Text::Known(text) = &item.text {
            let end =
                (0..=text.len().min(MAX_DESCRIPTION)).rev().find(|at| text.is_char_boundary(*at));
            out.tag("description", &markdown::html(&text[..end.unwrap_or(0)]).0);
        }
        out.raw("<enclosure url=\"");
        out.text(&format!("{}{}", feed.origin, open.feed_torrent(&item.id, feed.token)));
        let _ =
            writeln!(out.0, "\" length=\"{torrent_bytes}\" type=\"application/x-bittorrent\"/>");
        out.raw("</item>\n");
    }
    out.raw("</channel></rss>\n");
    out.0
}

struct Writer(String);

impl Writer {
    fn raw(&mut self, xml: &str) {
        self.0.push_str(xml);
    }

    fn tag(&mut self, name: &str, text: &str) {
        let _ = write!(self.0, "<{name}>");
        self.text(text);
        let _ = writeln!(self.0, "</{name}>");
    }

    fn text(&mut self, text: &str) {
        self.raw(&escaped(text));
    }
}

/// A text as XML, without what XML 1.0 cannot hold at all.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
