//! What to send to others so that they find an item, whatever they have.

use maud::html;
use upseed_model::Infohash;

use crate::{Action, Site, Strings, item, markdown, page, strings::fill};

/// Bytes of a comment by which it is named.
const EXCERPT: usize = 80;

/// The page's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharePage {
    /// The item.
    pub id: Infohash,
    /// The whole text to send ([`text`]).
    pub text: String,
    /// Whether the link may name the node's address.
    pub with_address: bool,
    /// The addresses that it names.
    pub addresses: Vec<String>,
}

/// How an item is called in a text for others: by its title, or by its thread and how it begins.
pub fn name(strings: &Strings, title: Option<&str>, root: Option<&str>, text: &str) -> String {
    match (title, root) {
        (Some(_), _) => item::title(strings, title).to_owned(),
        (None, root) => {
            let on = fill(&strings.share_comment, item::title(strings, root));
            let excerpt = markdown::plain(text, EXCERPT);
            if upseed_model::text::is_blank(&excerpt) { on } else { format!("{on}: {excerpt}") }
        }
    }
}

/// A text that works for everybody. Each line ends with a space: some browsers paste it into one line, without the breaks.
pub fn text(strings: &Strings, name: &str, magnet: &str) -> String {
    let (with, without) = (&strings.share_with, &strings.share_without);
    format!("{name} \n\n{magnet} \n\n{with} \n{without}\n")
}

/// The page.
pub fn page(site: &Site<'_>, share: &SharePage) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.share_title,
        html! {
            h1 { (strings.share_title) }
            label {
                (strings.share_text)
                textarea #share readonly dir="auto" rows="12" { (share.text) }
            }
            p.buttons {
                // Without script the text is copied as any other.
                button.copy type="button" hidden data-copied=(strings.share_copied) { (strings.share_copy) } " "
                a.button.quiet href=(links.item(&share.id)) { (strings.back) }
            }
            (site.form(Action::Share, "note", &html! {
                p {
                    (match (share.with_address, share.addresses.is_empty()) {
                        (false, _) => strings.share_address_off.to_string(),
                        (true, true) => strings.share_address_none.to_string(),
                        (true, false) => fill(&strings.share_address_on, &share.addresses.join(", ")),
                    })
                }
                p.buttons {
                    @if share.with_address { button.quiet name="do" value="drop" { (strings.share_drop_address) } }
                    @else { button.quiet name="do" value="add" { (strings.share_add_address) } }
                }
            }))
        },
    )
}
