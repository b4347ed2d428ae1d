//! The frame of every page, and what pages have in common.

use maud::{DOCTYPE, Markup, html};
use upseed_api::Item;
use upseed_model::text::is_blank;
use upseed_view::{Person, Relation, assets, time};

use crate::{File, Site};

impl Site {
    /// The stylesheet and the picture.
    pub fn assets(&self) -> Vec<File> {
        let mut files = vec![File::text("style.css", include_str!("../assets/style.css"))];
        let icon = assets::find("upseed.svg").map(|icon| icon.bytes.to_vec());
        files.extend(icon.map(|bytes| File { path: "icon.svg".into(), bytes }));
        files
    }
}

/// A whole page. `up` leads from it to the site's own folder: "" or "../".
pub(crate) fn page(site: &Site, title: &str, up: &str, main: Markup) -> String {
    let board = site.board;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="upseed";
                title { (title) @if title != board.as_str() { " · " (board) } }
                link rel="icon" href={ (up) "icon.svg" };
                link rel="stylesheet" href={ (up) "style.css" };
                link rel="alternate" type="application/rss+xml" title=(board) href={ (up) "feed.xml" };
            }
            body {
                header {
                    a.board href={ (up) "index.html" } { (board) }
                    a href={ (up) "feed.xml" } { "Feed" }
                }
                main { (main) }
                footer {
                    p {
                        "A copy of the board " b { (board) } " of Upseed, a forum that its readers host themselves. To answer, to "
                        "upvote, and to keep a post online, open its magnet link or .torrent with Upseed; any torrent client fetches "
                        "the text."
                    }
                }
            }
        }
    }
    .into_string()
}

/// A title, also of a post whose own shows nothing.
pub(crate) fn title(item: &Item) -> &str {
    item.title.as_deref().filter(|title| !is_blank(title)).unwrap_or("(no title)")
}

/// Who wrote it and when; names never stand alone.
pub(crate) fn by(item: &Item) -> Markup {
    let person =
        Person { key: item.author, name: item.author_name.clone(), relation: Relation::Stranger };
    html! {
        @if !is_blank(&person.name) { bdi { (person.name) } " " }
        code { (person.short_key()) } " · "
        time datetime=(time::iso(item.time)) { (time::date(item.time)) }
    }
}

/// "1 vote", "2 votes".
pub(crate) fn plural(count: u32, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
