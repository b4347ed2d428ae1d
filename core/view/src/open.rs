//! A link to something that this node does not have yet.

use maud::html;
use upseed_model::Infohash;

use crate::{Action, Site, page};

/// The page's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPage {
    /// What was pasted.
    pub pasted: String,
    /// What it names; nothing if it is no link.
    pub item: Option<Infohash>,
    /// Why it was not found, or is no link, in the node's words.
    pub error: Option<String>,
}

/// The page.
pub fn page(site: &Site<'_>, open: &OpenPage) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.open_title,
        html! {
            h1 { (strings.open_title) }
            @if let Some(error) = &open.error { p.error role="alert" { (error) } }
            @if let Some(id) = &open.item {
                p.id { code { (id) } }
                p { (strings.open_text) }
                (site.form(Action::Open, "buttons", &html! {
                    input type="hidden" name="q" value=(open.pasted);
                    button { (if open.error.is_some() { &strings.open_again } else { &strings.open_do }) }
                }))
            }
        },
    )
}
