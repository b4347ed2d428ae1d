//! The boards: joined ones, and where people who were met are active.

use maud::html;
use upseed_model::BoardName;

use crate::{Action, Site, item, page, strings::fill};

/// The page's content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoardsPage {
    /// Joined by the reader.
    pub joined: Vec<BoardRow>,
    /// Where people met are active, with how many of them; not joined.
    pub seen: Vec<(BoardName, u32)>,
    /// A name as typed, if it was refused.
    pub typed: String,
    /// Why it was refused, in the node's words.
    pub error: Option<String>,
}

/// One joined board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// Its name.
    pub name: BoardName,
    /// People's nodes connected for it now.
    pub people: u32,
    /// Items known.
    pub items: u32,
    /// Time of the newest one.
    pub newest: Option<u64>,
    /// How far it has caught up, in percent, while it does.
    pub syncing: Option<u8>,
}

/// The page.
pub fn page(site: &Site<'_>, boards: &BoardsPage) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.boards_title,
        html! {
            h1 { (strings.boards_title) }
            h2 { (strings.boards_joined) }
            @if boards.joined.is_empty() { p.none { (strings.boards_none) } }
            @else {
                (site.form(Action::Board, "", &html! {
                    table.wide {
                        thead { tr {
                            th scope="col" { (strings.board) }
                            th.num scope="col" { (strings.boards_items) }
                            th.num scope="col" { (strings.boards_people) }
                            th scope="col" { (strings.boards_last) }
                            th scope="col" { span.vh { (strings.boards_action) } }
                        } }
                        tbody { @for row in &boards.joined { tr {
                            th scope="row" {
                                a href=(links.board(&row.name)) { (row.name) }
                                @if let Some(part) = row.syncing { " " span.fine { (fill(&strings.syncing, &part.to_string())) } }
                            }
                            td.num { (row.items) }
                            td.num { (row.people) }
                            td { @if let Some(newest) = row.newest { (item::age(site, newest)) } }
                            td { button.quiet name="leave" value=(row.name) { (strings.leave) span.vh { " " (row.name) } } }
                        } } }
                    }
                }))
            }
            @if !boards.seen.is_empty() {
                h2 { (strings.boards_seen) }
                (site.form(Action::Board, "", &html! {
                    ul.chips { @for (name, people) in &boards.seen { li {
                        a href=(links.board(name)) { (name) } " "
                        span.fine { (strings.met_n.of(*people)) } " "
                        button.quiet name="join" value=(name) { (strings.join) span.vh { " " (name) } }
                    } } }
                }))
            }
            h2 { (strings.boards_new) }
            @if let Some(error) = &boards.error { p.error role="alert" { (error) } }
            (site.form(Action::Board, "row", &html! {
                label {
                    (strings.boards_name)
                    input name="join" required value=(boards.typed) maxlength="40" pattern="[a-z0-9][a-z0-9\\-]{0,39}"
                        title=(strings.boards_help) autocapitalize="none" autocomplete="off" spellcheck="false";
                }
                button { (strings.join) }
                p.fine { (strings.boards_help) }
            }))
        },
    )
}
