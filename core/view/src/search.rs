//! Searching what is known here.

use maud::html;
use upseed_model::BoardName;

use crate::{ItemView, Site, item, page};

/// The page's content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchPage {
    /// As typed.
    pub words: String,
    /// Only there.
    pub board: Option<BoardName>,
    /// What was found, best first.
    pub hits: Vec<Hit>,
    /// How many in all, if that is known.
    pub total: Option<u32>,
    /// Where the next page begins.
    pub more: Option<String>,
}

/// Something found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The item.
    pub item: ItemView,
    /// A piece of its text, cut where a found word begins (`true`) and ends.
    pub snippet: Vec<(String, bool)>,
}

/// The page.
pub fn page(site: &Site<'_>, search: &SearchPage) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.search,
        html! {
            h1 { (strings.search) }
            form.row role="search" action=(links.search("", None, None)) aria-label=(strings.search) {
                @for (name, value) in page::carried(links) { input type="hidden" name=(name) value=(value); }
                label { (strings.search_for) input type="search" name="q" dir="auto" value=(search.words); }
                @if let Some(board) = &search.board {
                    label.check { input type="checkbox" name="board" value=(board) checked; (strings.search_here) " " (board) }
                }
                button { (strings.search) }
                p.fine { (strings.search_help) }
            }
            @if !search.words.is_empty() {
                @match (search.hits.is_empty(), search.total) {
                    (true, _) => p.none { (strings.search_none) },
                    (false, Some(total)) => h2.count { (strings.found_n.of(total)) },
                    (false, None) => {},
                }
            }
            ol.list { @for hit in &search.hits {
                (item::row(site, &hit.item))
                @if !hit.snippet.is_empty() {
                    li.snippet dir="auto" { @for (piece, found) in &hit.snippet {
                        @if *found { mark { (piece) } } @else { (piece) }
                    } }
                }
            } }
            (page::more(site, search.more.as_deref().map(|after| links.search(&search.words, search.board.as_ref(), Some(after)))))
        },
    )
}
