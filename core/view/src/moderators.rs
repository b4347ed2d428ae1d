//! Who labels on a board and is trusted by those whom the reader follows.

use maud::{Markup, html};

use crate::{Action, Person, Site, Strings, person, strings::fill};

/// Somebody whose labels are suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeratorRow {
    /// Who.
    pub person: Person,
    /// How many of those whom the reader follows trust them.
    pub through: u32,
    /// Of how many.
    pub follows: u32,
}

/// Each with their share, which leads to a preview, and a button to subscribe as most would.
pub(crate) fn suggested(site: &Site<'_>, moderators: &[ModeratorRow]) -> Markup {
    let strings = site.strings;
    html! {
        aside.note {
            p { (strings.moderators) }
            (site.form(Action::Labels, "", &html! {
                input type="hidden" name="do" value="subscribe";
                ul.people { @for row in moderators { li {
                    (person::link(site, &row.person)) " "
                    a href=(site.links.labels(&row.person.key, None)) { (share(strings, row)) } " "
                    button.quiet name="key" value=(row.person.key.to_hex()) {
                        (strings.subscribe) span.vh { " " (row.person.short_key()) }
                    }
                } } }
            }))
        }
    }
}

fn share(strings: &Strings, row: &ModeratorRow) -> String {
    match row.follows {
        1 => strings.trusted_n.one.to_string(),
        follows => {
            let through = fill(&strings.trusted_n.other, &row.through.to_string());
            fill(&through, &follows.to_string())
        }
    }
}
