//! The reader's own lists: what they saved, and whom they follow.

use maud::html;

use crate::{Action, ItemView, Person, Site, list, page, person};

/// What the reader saved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SavedPage {
    /// The items, the last saved first.
    pub items: Vec<ItemView>,
    /// Where the next page begins.
    pub more: Option<String>,
}

/// The page of what was saved.
pub fn saved(site: &Site<'_>, saved: &SavedPage) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.saved_title,
        html! {
            h1 { (strings.saved_title) }
            @if saved.items.is_empty() { p.none { (strings.saved_none) } }
            (list::list(site, &saved.items, 1))
            (page::more(site, saved.more.as_deref().map(|after| links.saved(Some(after)))))
        },
    )
}

/// The page of people whom the reader follows.
pub fn following(site: &Site<'_>, people: &[Person]) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.following_title,
        html! {
            h1 { (strings.following_title) }
            @if people.is_empty() { p.none { (strings.following_none) } }
            @else {
                (site.form(Action::Person, "", &html! {
                    input type="hidden" name="do" value="unfollow";
                    ul.entries { @for who in people {
                        li {
                            (person::link(site, who)) " "
                            button.quiet name="key" value=(who.key.to_hex()) {
                                (strings.unfollow) span.vh { " " (who.short_key()) }
                            }
                        }
                    } }
                }))
            }
        },
    )
}
