//! Starter lists: whom others suggest, and whom the reader suggests.

use maud::{Markup, html};
use upseed_model::{BoardName, WorkId, limits::MAX_NAME};

use crate::{Action, Person, Relation, Site, page, person};

/// A starter list, but for who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterRow {
    /// Of this version of it.
    pub id: WorkId,
    /// What its author calls it.
    pub name: String,
    /// Who suggests them.
    pub author: Person,
    /// The boards that it is for.
    pub boards: Vec<BoardName>,
    /// How many people are in it.
    pub people: u32,
}

/// A starter list's own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterPage {
    /// The list.
    pub list: StarterRow,
    /// Who is in it.
    pub people: Vec<Person>,
}

/// What the reader publishes, and may publish.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MyStarters {
    /// The reader's own lists.
    pub lists: Vec<StarterRow>,
    /// Whom the reader follows.
    pub follows: Vec<Person>,
}

/// The page of a list.
pub fn page(site: &Site<'_>, starter: &StarterPage) -> String {
    let (strings, list) = (site.strings, &starter.list);
    page::page(
        site,
        &strings.starter_title,
        html! {
            h1 { bdi { (list.name) } }
            p { (by(site, list)) }
            p { (strings.starter_choose) }
            (site.form(Action::Starter, "", &html! {
                input type="hidden" name="list" value=(list.id);
                (boxes(site, &starter.people))
                p.buttons { button name="do" value="chosen" { (strings.starter_follow) } }
            }))
        },
    )
}

/// Lists for who follows few people: each with who made it, and what it takes to follow all.
pub(crate) fn offer(site: &Site<'_>, lists: &[StarterRow]) -> Markup {
    let strings = site.strings;
    html! {
        aside.note {
            p { (strings.starters_offer) }
            (site.form(Action::Starter, "", &html! {
                input type="hidden" name="do" value="follow";
                ul.people { @for list in lists { li {
                    (row(site, list)) " "
                    button.quiet name="list" value=(list.id) {
                        (strings.follow_all_n.of(list.people)) span.vh { " " bdi { (list.name) } }
                    }
                } } }
            }))
        }
    }
}

/// The reader's lists, and a form for a new one.
pub(crate) fn card(site: &Site<'_>, mine: &MyStarters) -> Markup {
    let strings = site.strings;
    html! {
        h2 { (strings.starters) }
        p { (strings.starters_text) }
        @if mine.lists.is_empty() { p.fine { (strings.starter_none) } }
        @else {
            (site.form(Action::Starter, "", &html! {
                input type="hidden" name="do" value="withdraw";
                ul.people { @for list in &mine.lists { li {
                    (row(site, list)) " "
                    @for board in list.boards.iter().take(1) {
                        button.quiet name="board" value=(board) { (strings.starter_withdraw) span.vh { " " bdi { (list.name) } } }
                    }
                } } }
            }))
        }
        @if mine.follows.is_empty() || site.joined.is_empty() { p.fine { (strings.starters_follow_first) } }
        @else {
            (site.form(Action::Starter, "", &html! {
                label { (strings.starter_name) input name="name" required dir="auto" data-max=(MAX_NAME) autocomplete="off"; }
                p.left aria-live="polite" {}
                label { (strings.board) select name="board" {
                    @for board in &site.joined { option value=(board) { (board) } }
                } }
                details {
                    summary { (strings.starter_people) }
                    (boxes(site, &mine.follows))
                }
                p.buttons { button name="do" value="publish" { (strings.starter_publish) } }
            }))
        }
    }
}

fn row(site: &Site<'_>, list: &StarterRow) -> Markup {
    html! {
        a href=(site.links.starter(&list.id)) { bdi { (list.name) } ": " (site.strings.people_n.of(list.people)) }
        " " (by(site, list))
    }
}

fn by(site: &Site<'_>, list: &StarterRow) -> Markup {
    let strings = site.strings;
    html! {
        span.fine { (strings.starters_by) } " " (person::link(site, &list.author)) " "
        span.fine { (strings.starters_for) } " "
        @for board in &list.boards { span.sep { a href=(site.links.board(board)) { (board) } } " " }
    }
}

/// A box for each, ticked but for oneself, the muted and ended keys.
fn boxes(site: &Site<'_>, people: &[Person]) -> Markup {
    let ticked = |person: &Person| {
        !matches!(person.relation, Relation::You | Relation::Muted | Relation::Ended)
    };
    html! {
        ul.people { @for person in people { li {
            label.check {
                input type="checkbox" name=(person.key.to_hex()) value="1" checked[ticked(person)];
                span.vh { (person.short_key()) }
            }
            (person::link(site, person))
        } } }
    }
}
