//! The lists of posts. Pages are numbered from the oldest one on, so that a new post changes the first
//! page and hardly any other.

use maud::{Markup, html};
use upseed_api::Item;

use crate::{
    File, Site,
    page::{by, page, plural, title},
};

/// Posts of one page. The first one has up to twice as many.
pub const PAGE: usize = 50;

/// A post in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The post; its text goes into the feed.
    pub item: Item,
    /// The comments that the site shows.
    pub comments: u32,
    /// Bytes of its .torrent.
    pub torrent_bytes: u64,
}

impl Site {
    /// The index pages of these posts, the newest first.
    pub fn index(&self, posts: &[Post]) -> Vec<File> {
        let pages = (posts.len() / PAGE).saturating_sub(1);
        // What is left of the newest, and one full page of others.
        let newest = posts.len() - pages * PAGE;
        let mut files = Vec::with_capacity(pages + 1);
        files.push(File::text("index.html", self.list(&posts[..newest], None, pages)));
        for (at, posts) in posts[newest..].chunks(PAGE).enumerate() {
            let number = pages - at;
            files.push(File::text(name(number), self.list(posts, Some(number), pages)));
        }
        files
    }

    fn list(&self, posts: &[Post], number: Option<usize>, pages: usize) -> String {
        let heading = match number {
            Some(number) => format!("{}, page {number}", self.board),
            None => self.board.to_string(),
        };
        let newer = number.map(|number| (number < pages).then_some(number + 1));
        let older = number.unwrap_or(pages + 1) - 1;
        let main = html! {
            h1 { (heading) }
            @if posts.is_empty() { p.none { "Nothing was posted here yet." } }
            @else { ol.posts { @for post in posts { li { (row(post)) } } } }
            @if newer.is_some() || older > 0 {
                nav.pages aria-label="Pages" {
                    @if let Some(newer) = newer {
                        a rel="prev" href=(newer.map_or_else(|| "index.html".to_owned(), name)) { "Newer" }
                    }
                    @if older > 0 { a rel="next" href=(name(older)) { "Older" } }
                }
            }
        };
        page(self, &heading, "", main)
    }
}

fn name(number: usize) -> String {
    format!("page-{number}.html")
}

fn row(post: &Post) -> Markup {
    let item = &post.item;
    html! {
        a.title href={ "t/" (item.id) ".html" } dir="auto" { (title(item)) }
        p.by {
            (by(item)) " · " (plural(item.votes, "vote")) " · " (plural(post.comments, "comment"))
        }
    }
}
