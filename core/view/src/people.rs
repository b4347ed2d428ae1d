//! A person: what they wrote, and what they are to the reader.

use maud::html;
use upseed_model::{BoardName, PublicKey};

use crate::{
    Action, ItemView, Person, Relation, Site, Wrote, labels, list, page, person,
    thread::label_fields, time,
};

/// Somebody's page.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPage {
    /// Who.
    pub person: Person,
    /// What they say about themselves (Markdown), or "".
    pub about: String,
    /// Boards that they say they are on.
    pub boards: Vec<BoardName>,
    /// Keys that they used before, and until when.
    pub earlier: Vec<(PublicKey, u64)>,
    /// People whom the reader follows and who follow this person.
    pub followed_by: Vec<Person>,
    /// Whether the reader subscribes to their labels.
    pub labels_used: bool,
    /// Whether they have labelled anything.
    pub has_labels: bool,
    /// Posts or comments.
    pub wrote: Wrote,
    /// Those, newest first.
    pub items: Vec<ItemView>,
    /// Where the next page begins.
    pub more: Option<String>,
}

/// The page.
pub fn page(site: &Site<'_>, who: &PersonPage) -> String {
    let (strings, links, key) = (site.strings, site.links, &who.person.key);
    let title = if upseed_model::text::is_blank(&who.person.name) {
        who.person.short_key()
    } else {
        who.person.name.clone()
    };
    let relation = who.person.relation;
    let tab = |wrote: Wrote| links.person_wrote(key, wrote, None);
    let current = |wrote: Wrote| (who.wrote == wrote).then_some("page");
    page::page(
        site,
        &title,
        html! {
            header.who {
                h1.name { (person::link(site, &who.person)) }
                @if who.person.name.is_empty() { p.fine { (strings.person_new) } }
                p.id { (strings.key) " " code { (key) } }
                @for (old, until) in &who.earlier {
                    p.fine { (strings.person_moved) " " (time::date(*until)) ": " code { (old) } }
                }
                @if relation == Relation::Ended { p { (strings.person_ended) } }
                @if !who.about.is_empty() { div.md { (crate::markdown::html(&who.about)) } }
                @if !who.followed_by.is_empty() {
                    p { (strings.person_followed_by) " " @for friend in &who.followed_by { span.sep { (person::link(site, friend)) } " " } }
                }
                @if !who.boards.is_empty() {
                    p { (strings.active_on) " " @for board in &who.boards { span.sep { a href=(links.board(board)) { (board) } } " " } }
                }
                @if relation != Relation::You {
                    (site.form(Action::Person, "buttons", &html! {
                        input type="hidden" name="key" value=(key.to_hex());
                        @if relation == Relation::Followed {
                            button.quiet name="do" value="unfollow" { (strings.unfollow) }
                        } @else if relation != Relation::Ended {
                            button name="do" value="follow" { (strings.follow) }
                        }
                        @if relation == Relation::Muted {
                            button.quiet name="do" value="unmute" { (strings.unmute) }
                        } @else {
                            button.quiet name="do" value="mute" title=(strings.mute_note) { (strings.mute) }
                        }
                    }))
                    p.buttons {
                        @if who.labels_used { (labels::link(site, key, &strings.labels_used)) }
                        @else if who.has_labels { (labels::link(site, key, &strings.labels_on)) }
                    }
                    details {
                        summary { (strings.label_person) }
                        (site.form(Action::Label, "row", &html! {
                            input type="hidden" name="key" value=(key.to_hex());
                            (label_fields(site))
                        }))
                    }
                }
            }
            div.tabs {
                nav aria-label=(strings.lists) {
                    a href=(tab(Wrote::Posts)) aria-current=[current(Wrote::Posts)] { (strings.posts) }
                    a href=(tab(Wrote::Comments)) aria-current=[current(Wrote::Comments)] { (strings.comments) }
                }
            }
            @if who.items.is_empty() { p.none { (strings.wrote_nothing) } }
            (list::list(site, &who.items, 1))
            (page::more(site, who.more.as_deref().map(|after| links.person_wrote(key, who.wrote, Some(after)))))
        },
    )
}
