//! A page for what went wrong.

use maud::html;

use crate::{Site, page};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPage {
    /// The HTTP status that goes with it; 404 and 401 have a heading of their own.
    pub status: u16,
    /// What happened, in the node's words.
    pub message: String,
    /// What can be done, or a command to type, in the node's words.
    pub hint: Option<String>,
}

/// The page.
pub fn page(site: &Site<'_>, error: &ErrorPage) -> String {
    let strings = site.strings;
    let title = match error.status {
        404 => &strings.error_missing,
        401 => &strings.error_signed_out,
        _ => &strings.error_title,
    };
    page::page(
        site,
        title,
        html! {
            // The script of a page in a frame looks for it, and asks for a new token.
            section.welcome id=[(error.status == 401).then_some("locked")] {
                h1 { (title) }
                p { (error.message) }
                @if error.status == 401 { p { (strings.gone_session) " " code { "upseed open" } } }
                @if let Some(hint) = &error.hint { p.hint { (hint) } }
                p { a.button.quiet href=(site.links.home()) { (strings.error_home) } }
            }
        },
    )
}
