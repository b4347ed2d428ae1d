//! The page of a thread: a post and the comments below it.

use maud::{Markup, html};
use upseed_api::{Item, Thread};
use upseed_model::moderation::LabelAction;
use upseed_view::markdown;

use crate::{
    File, Site,
    page::{by, page, plural, title},
};

impl Site {
    /// A post's page.
    pub fn thread(&self, thread: &Thread) -> File {
        let item = &thread.item;
        let shown = comments(thread).count();
        let main = html! {
            article {
                h1 dir="auto" { (title(item)) }
                p.by { (by(item)) " · " (plural(item.votes, "vote")) " · " (ways(item)) }
                (labels(item))
                (text(item))
            }
            section {
                h2 { (if shown == 0 { "No comments".to_owned() } else { plural(shown as u32, "comment") }) }
                (answers(thread))
            }
        };
        File::text(format!("t/{}.html", item.id), page(self, title(item), "../", main))
    }
}

/// The comments of a thread that are shown; what a comment that is left out was answered is shown below
/// a line that says so.
pub fn comments(thread: &Thread) -> impl Iterator<Item = &Item> {
    let mut todo: Vec<&Thread> = thread.replies.iter().rev().collect();
    let next = move || {
        loop {
            let thread = todo.pop()?;
            todo.extend(thread.replies.iter().rev());
            if is_shown(&thread.item) {
                return Some(&thread.item);
            }
        }
    };
    std::iter::from_fn(next)
}

/// As the reader's own lists have it: muted, retracted, hidden or dead items are left out.
pub fn is_shown(item: &Item) -> bool {
    !item.hidden && !item.retracted && !item.dead
}

/// Bounded by the depth that the API gives.
fn answers(thread: &Thread) -> Markup {
    let replies: Vec<&Thread> = thread
        .replies
        .iter()
        .filter(|reply| is_shown(&reply.item) || comments(reply).next().is_some())
        .collect();
    html! {
        @if !replies.is_empty() {
            ol.answers { @for reply in replies { (answer(reply)) } }
        }
        @if thread.cut { p.none { "Further answers are not shown here." } }
    }
}

fn answer(reply: &Thread) -> Markup {
    let item = &reply.item;
    if !is_shown(item) {
        return html! { li { p.none { "A comment is left out." } (answers(reply)) } };
    }
    html! {
        li id={ "i" (item.id) } {
            p.by {
                (by(item)) " · " (plural(item.votes, "vote")) " · "
                a href={ "#i" (item.id) } { "link" } " · " (ways(item))
            }
            (labels(item))
            (text(item))
            (answers(reply))
        }
    }
}

/// How to get it with a torrent client.
fn ways(item: &Item) -> Markup {
    html! {
        a href=(item.magnet) { "magnet" } " · "
        a href={ (item.id) ".torrent" } { ".torrent" }
    }
}

/// What people to whose labels the publisher subscribes say of it.
fn labels(item: &Item) -> Markup {
    let shown = item.labels.iter().filter(|label| label.action > LabelAction::Ignore);
    let mut values: Vec<&str> = shown.map(|label| label.value.as_str()).collect();
    values.sort_unstable();
    values.dedup();
    html! {
        @if !values.is_empty() {
            p.by { "Labelled: " @for value in values { span.label { bdi { (value) } } " " } }
        }
    }
}

/// The text, folded away if a label asks for that.
fn text(item: &Item) -> Markup {
    let folds = item.labels.iter().any(|label| label.action > LabelAction::Mark);
    let Some(text) = &item.text else {
        return html! { p.none { "Nobody had this text when the page was written." } };
    };
    let body = html! { div dir="auto" { (markdown::html(text)) } };
    if folds {
        html! { details { summary { "Show" } (body) } }
    } else {
        body
    }
}
