//! Asking before an own item is retracted for good.

use maud::html;

use crate::{Action, ItemView, Site, item, page};

/// The page.
pub fn page(site: &Site<'_>, own: &ItemView) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.retract_title,
        html! {
            h1 { (strings.retract_title) }
            article.quoted {
                @if own.title.is_some() { ol.list { (item::row(site, own)) } }
                (item::body(site, own))
            }
            p { (strings.retract_text) }
            form.buttons method="post" action=(links.action(Action::Retract)) {
                // Not back to this question.
                (site.hidden(&format!("t/{}", own.id)))
                input type="hidden" name="id" value=(own.id);
                button.danger { (strings.retract) } " "
                a.button.quiet href=(links.item(&own.id)) { (strings.vote_back) }
            }
        },
    )
}
