//! The first page ever seen, and what is said before the first upvote.

use maud::html;

use crate::{Action, ItemView, Site, item, page};

/// The first-run page: four sentences, and the way in. Nothing here needs a key.
pub fn page(site: &Site<'_>) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.welcome_title,
        html! {
            section.welcome {
                h1 { (strings.welcome_title) }
                p { (strings.welcome_1) }
                p { (strings.welcome_2) }
                p { b { (strings.welcome_3) } }
                p { (strings.welcome_4) }
                p.buttons {
                    a.button href=(links.home()) { (strings.welcome_read) } " "
                    a.button.quiet href=(links.write(None)) { (strings.welcome_write) } " "
                    @if !site.has_key { a.button.quiet href={ (links.me()) "#restore" } { (strings.welcome_restore) } }
                }
            }
        },
    )
}

/// Instead of the first upvote: what it will show to others. The form votes with `understood=1`.
pub fn first_vote(site: &Site<'_>, item: &ItemView) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.vote_title,
        html! {
            section.welcome {
                h1 { (strings.vote_title) }
                p { b { (strings.vote_text) } }
                (site.form(Action::Vote, "buttons", &html! {
                    input type="hidden" name="understood" value="1";
                    button name="up" value=(item.id) { (strings.vote_agree) } " "
                    a.button.quiet href=(links.back(&site.here)) { (strings.vote_back) }
                }))
            }
            ol.list { (item::row(site, item)) }
        },
    )
}
