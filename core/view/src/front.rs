//! The front page: what is worth reading, on all boards or one.

use maud::{Markup, html};
use upseed_model::rank::{Sort, Window};

use crate::{
    Action, ItemView, ListQuery, Person, Site, list,
    moderators::{self, ModeratorRow},
    nothing::Nothing,
    page, person,
    starters::{self, StarterRow},
    strings::fill,
};

/// A list of posts.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontPage {
    /// What is listed.
    pub query: ListQuery,
    /// The posts, in order.
    pub items: Vec<ItemView>,
    /// The number of the first one, from 1.
    pub first: u32,
    /// Where the next page begins ([`ListQuery::after`]), if there is one.
    pub more: Option<String>,
    /// In the order "new": posts of people whom the reader does not know, folded.
    pub unknown: Option<Unknown>,
    /// Scores are being worked out again.
    pub is_stale: bool,
    /// Left out: muted, labelled. Shown again by [`ListQuery::hidden`].
    pub hidden: u32,
    /// For one board: whether the reader has joined it.
    pub joined: bool,
    /// For one board: how far it has caught up, in percent, while it does.
    pub syncing: Option<u8>,
    /// The reader follows few people: lists of people to start with.
    pub starters: Vec<StarterRow>,
    /// The reader follows nobody.
    pub follows_nobody: bool,
    /// The reader follows nobody: whom they could follow.
    pub suggestions: Vec<Person>,
    /// For one board: whose labels those whom the reader follows trust.
    pub moderators: Vec<ModeratorRow>,
    /// What was tried, for a list in which nothing is.
    pub tried: Tried,
}

/// Posts of people whom the reader does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// How many there are, counted up to some number.
    pub count: u32,
    /// There are more than were counted.
    pub is_more: bool,
    /// Those with the most work.
    pub items: Vec<ItemView>,
}

/// What was tried to find something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// Nodes of the DHT that were asked.
    pub dht_nodes: u32,
    /// People's nodes met for this list's boards.
    pub people: u32,
    /// For how long.
    pub seconds: u64,
}

/// The page.
pub fn page(site: &Site<'_>, front: &FrontPage) -> String {
    let (strings, links, query) = (site.strings, site.links, &front.query);
    let title = query.board.map_or(strings.site.to_string(), |board| board.to_string());
    let next = front
        .more
        .as_ref()
        .map(|after| links.list(&ListQuery { after: Some(after.clone()), ..query.clone() }));
    page::page(
        site,
        &title,
        html! {
            h1.vh[query.board.is_none()] { (title) }
            @if let Some(board) = &query.board {
                div.boardhead {
                    @if let Some(part) = front.syncing { p.fine { (fill(&strings.syncing, &part.to_string())) } }
                    @if !front.joined { p.fine { (strings.join_note) } }
                    (site.form(Action::Board, "inline", &html! {
                        @if front.joined {
                            button.quiet name="leave" value=(board) { (strings.leave) }
                        } @else {
                            button name="join" value=(board) { (strings.join) }
                        }
                    }))
                }
            }
            (tabs(site, query))
            @if !front.starters.is_empty() { (starters::offer(site, &front.starters)) }
            @if !front.suggestions.is_empty() { (suggestions(site, &front.suggestions)) }
            @if front.items.is_empty() && front.unknown.is_none() { (empty(site, front)) }
            @if front.is_stale { p.fine role="status" { (strings.not_scored) } }
            (list::list(site, &front.items, front.first))
            @if let Some(unknown) = &front.unknown { (unknown_posts(site, front, unknown)) }
            @if front.hidden > 0 {
                p.fine {
                    (strings.hidden_n.of(front.hidden)) ". "
                    a href=(links.list(&ListQuery { hidden: !query.hidden, after: None, ..query.clone() })) {
                        (if query.hidden { &strings.hide_hidden } else { &strings.show_hidden })
                    }
                }
            }
            (page::more(site, next))
            @if !front.moderators.is_empty() { (moderators::suggested(site, &front.moderators)) }
        },
    )
}

fn unknown_posts(site: &Site<'_>, front: &FrontPage, unknown: &Unknown) -> Markup {
    let strings = site.strings;
    let counted = if unknown.is_more { &strings.unknown_many } else { &strings.unknown_n };
    html! {
        details.unknown {
            summary { (counted.of(unknown.count)) }
            p.fine { (strings.unknown_help) }
            (list::list(site, &unknown.items, front.first + front.items.len() as u32))
        }
    }
}

fn tabs(site: &Site<'_>, query: &ListQuery) -> Markup {
    let (strings, links) = (site.strings, site.links);
    let base = ListQuery { after: None, followed: false, ..query.clone() };
    let to = |sort, window| links.list(&ListQuery { sort, window, ..base.clone() });
    let followed = ListQuery { followed: true, hidden: false, ..base.clone() };
    let sorts = [(Sort::Top, &strings.top), (Sort::Hot, &strings.hot), (Sort::New, &strings.new)];
    let windows = [
        (Window::Day, &strings.day),
        (Window::Week, &strings.week),
        (Window::Month, &strings.month),
        (Window::Year, &strings.year),
        (Window::All, &strings.all),
    ];
    html! {
        div.tabs {
            nav aria-label=(strings.lists) {
                @for (sort, name) in sorts {
                    a href=(to(sort, query.window)) aria-current=[(sort == query.sort && !query.followed).then_some("page")] { (name) }
                }
                a href=(links.list(&followed)) aria-current=[query.followed.then_some("page")] { (strings.following) }
            }
            @if query.sort == Sort::Top && !query.followed {
                nav.win aria-label=(strings.windows) {
                    @for (window, name) in windows {
                        a href=(to(Sort::Top, window)) aria-current=[(window == query.window).then_some("page")] { (name) }
                    }
                }
            }
        }
    }
}

fn suggestions(site: &Site<'_>, people: &[Person]) -> Markup {
    html! {
        aside.note {
            p { (site.strings.nobody_followed) }
            (site.form(Action::Person, "", &html! {
                input type="hidden" name="do" value="follow";
                ul.people {
                    @for person in people {
                        li {
                            (person::link(site, person)) " "
                            button.quiet name="key" value=(person.key.to_hex()) { (site.strings.follow) span.vh { " " (person.short_key()) } }
                        }
                    }
                }
            }))
        }
    }
}

fn empty(site: &Site<'_>, front: &FrontPage) -> Markup {
    let (strings, tried) = (site.strings, &front.tried);
    if front.query.followed {
        let text =
            if front.follows_nobody { &strings.following_none } else { &strings.following_empty };
        return html! { p.none { (text) } };
    }
    let nothing = Nothing::of(tried.dht_nodes, site.status.met, tried.people);
    let in_window = front.query.sort == Sort::Top && front.query.window != Window::All;
    html! {
        section.empty {
            h2 { (nothing.title(strings)) }
            p {
                (strings.tried_dht.of(tried.dht_nodes)) " "
                (strings.tried_people.of(tried.people)) " "
                (strings.searching(tried.seconds))
            }
            @if nothing == Nothing::Empty && in_window { p { (strings.empty_filter) } }
            @else { p { (nothing.help(strings)) } }
            p { (strings.empty_offer) " " code { "upseed demo" } }
            p { a href=(site.links.write(front.query.board.as_ref())) { (strings.empty_invite) } }
        }
    }
}
