//! Replies to the reader.

use maud::html;

use crate::{Action, ItemView, Site, item, moderation, page, person};

/// The page's content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InboxPage {
    /// Replies, newest first; [`ItemView::unread`] marks new ones.
    pub replies: Vec<ItemView>,
    /// What the reader hosts and its author retracted, until the reader decides.
    pub retracted: Vec<ItemView>,
    /// Where the next page begins.
    pub more: Option<String>,
}

/// The page.
pub fn page(site: &Site<'_>, inbox: &InboxPage) -> String {
    let (strings, links) = (site.strings, site.links);
    page::page(
        site,
        &strings.inbox,
        html! {
            h1 { (strings.inbox) }
            @if inbox.replies.iter().any(|reply| reply.unread) {
                (site.form(Action::Inbox, "inline", &html! { button.quiet { (strings.inbox_read) } }))
            }
            @for item in &inbox.retracted { (moderation::asks(site, item)) }
            @if inbox.replies.is_empty() { p.none { (strings.inbox_none) } }
            @for reply in &inbox.replies {
                article.re.letter.unread[reply.unread] id=(item::anchor(&reply.id)) {
                    p.mt {
                        (item::vote_button(site, reply)) (item::votes_link(site, reply)) " "
                        @if reply.unread { b.fo { (strings.unread) } " " }
                        (person::link(site, &reply.author)) " "
                        a.t href=(links.item(&reply.id)) title=(strings.permalink) { (item::age(site, reply.time)) } " "
                        (item::hosts(site, reply)) " " (item::status(site, reply))
                    }
                    @if let Some((root, title)) = &reply.root {
                        p.on { (strings.answer_to) " " a href=(links.item(root)) dir="auto" { (item::title(strings, title.as_deref())) } }
                    }
                    (item::body(site, reply))
                    p.do { a.reply href=(links.reply(&reply.id)) { (strings.reply) } " " (item::menu(site, reply)) }
                }
            }
            (page::more(site, inbox.more.as_deref().map(|after| links.inbox(Some(after)))))
        },
    )
}
