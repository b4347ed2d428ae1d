//! The newest posts as RSS 2.0.

use std::fmt::Write as _;

use upseed_view::{feed::escaped, markdown, time};

use crate::{File, Post, Site, page::title};

/// Posts in the feed.
const NEWEST: usize = 50;

/// Bytes of a text that go into it.
const MAX_TEXT: usize = 4_096;

impl Site {
    /// The feed of these posts, the newest first. Its addresses are whole if it is known where the
    /// site lies, and else relative to the feed.
    pub fn feed(&self, posts: &[Post]) -> File {
        let at = self.url.as_ref().map(|url| format!("{}/", url.trim_end_matches('/')));
        let at = escaped(&at.unwrap_or_default());
        let board = self.board;
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\n\
             <title>{board}</title>\n<link>{at}index.html</link>\n\
             <description>The board {board} of Upseed</description>\n"
        );
        if let Some(newest) = posts.iter().map(|post| post.item.time).max() {
            let _ = writeln!(out, "<lastBuildDate>{}</lastBuildDate>", time::rfc2822(newest));
        }
        for Post { item, torrent_bytes, .. } in posts.iter().take(NEWEST) {
            let id = item.id;
            let _ = writeln!(
                out,
                "<item>\n<title>{}</title>\n<link>{at}t/{id}.html</link>\n\
                 <guid isPermaLink=\"false\">{id}</guid>\n<pubDate>{}</pubDate>",
                escaped(title(item)),
                time::rfc2822(item.time)
            );
            if let Some(text) = &item.text {
                let end =
                    (0..=text.len().min(MAX_TEXT)).rev().find(|at| text.is_char_boundary(*at));
                let html = markdown::html(&text[..end.unwrap_or(0)]).into_string();
                let _ = writeln!(out, "<description>{}</description>", escaped(&html));
            }
            let _ = writeln!(
                out,
                "<enclosure url=\"{at}t/{id}.torrent\" length=\"{torrent_bytes}\" \
                 type=\"application/x-bittorrent\"/>\n</item>"
            );
        }
        out.push_str("</channel></rss>\n");
        File::text("feed.xml", out)
    }
}
