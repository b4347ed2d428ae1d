//! A person's labels: what a subscription would do, what it does, and its settings.

use maud::{Markup, html};
use upseed_model::{
    Infohash, PublicKey,
    moderation::{LabelAction, LabelActions},
};

use crate::{Action, Person, Site, Strings, item, page, person};

/// The page's content.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelsPage {
    /// Whose labels.
    pub labeller: Person,
    /// Whether the reader subscribes to them.
    pub subscribed: bool,
    /// What the subscription does, or would do.
    pub actions: LabelActions,
    /// The values that this person uses, and how often, the most frequent first.
    pub values: Vec<(String, u64)>,
    /// What the actions above would do to this week's posts.
    pub preview: Preview,
    /// What the subscription does, newest first.
    pub log: Vec<LogLine>,
    /// Where the next page of it begins.
    pub more: Option<String>,
    /// Why something was refused, in the node's words.
    pub error: Option<String>,
}

/// What a subscription would do to this week's posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preview {
    /// Posts that it would hide.
    pub hide: Counts,
    /// Posts that it would fold.
    pub fold: Counts,
    /// Posts that it would mark.
    pub mark: Counts,
}

/// Posts on which a subscription would act in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All of them.
    pub posts: u64,
    /// Those by people whom the reader follows.
    pub followed: u64,
    /// Those that the reader hosts.
    pub hosted: u64,
    /// Those that are hidden already.
    pub hidden: u64,
}

/// One thing that a subscription does.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// What undoes it.
    pub number: u64,
    /// On what.
    pub target: Target,
    /// The label.
    pub value: String,
    /// In the labeller's words, or "".
    pub reason: String,
    /// What becomes of the target.
    pub action: LabelAction,
    /// Since when, in unix seconds.
    pub at: u64,
    /// The reader undid it.
    pub undone: bool,
}

/// What a label or an exception is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// An item, and its title if it is a post.
    Item(Infohash, Option<String>),
    /// All that a person writes.
    Person(Person),
    /// An item that is not here.
    Gone,
}

/// The page.
pub fn page(site: &Site<'_>, labels: &LabelsPage) -> String {
    let (strings, who) = (site.strings, &labels.labeller);
    page::page(
        site,
        &strings.labels_title,
        html! {
            h1 { (strings.labels_title) }
            p { (person::link(site, who)) }
            @if let Some(error) = &labels.error { p.error role="alert" { (error) } }
            section.card #preview {
                h2 { (strings.preview_title) }
                (preview(strings, &labels.preview))
                (site.form(Action::Labels, "", &settings(strings, labels)))
            }
            @if labels.subscribed {
                section.card #log {
                    h2 { (strings.log_title) }
                    @if labels.log.is_empty() { p.none { (strings.log_none) } }
                    ul.entries { @for line in &labels.log { (log_line(site, line)) } }
                    (page::more(site, labels.more.as_deref().map(|after| site.links.labels(&who.key, Some(after)))))
                }
            }
        },
    )
}

fn preview(strings: &Strings, preview: &Preview) -> Markup {
    let lines = [
        (&strings.would_hide_n, preview.hide),
        (&strings.would_fold_n, preview.fold),
        (&strings.would_mark_n, preview.mark),
    ];
    html! {
        @if lines.iter().all(|(_, counts)| counts.posts == 0) { p { (strings.would_nothing) } }
        @for (text, counts) in lines.into_iter().filter(|(_, counts)| counts.posts > 0) {
            p {
                (text.of(counts.posts))
                @if counts.followed > 0 { ", " (strings.by_followed_n.of(counts.followed)) }
                @if counts.hosted > 0 { ", " (strings.you_host_n.of(counts.hosted)) }
                @if counts.hidden > 0 { " (" (strings.hidden_already_n.of(counts.hidden)) ")" }
                "."
            }
        }
    }
}

fn settings(strings: &Strings, labels: &LabelsPage) -> Markup {
    let name = |action| match action {
        LabelAction::Hide => &strings.action_hide,
        LabelAction::Fold => &strings.action_fold,
        LabelAction::Mark => &strings.action_mark,
        LabelAction::Ignore => &strings.action_ignore,
    };
    let choice = |field: &str, chosen| {
        html! {
            select name=(field) { @for action in LabelAction::ALL.into_iter().rev() {
                option value=(action) selected[action == chosen] { (name(action)) }
            } }
        }
    };
    html! {
        input type="hidden" name="key" value=(labels.labeller.key.to_hex());
        @for (value, n) in &labels.values {
            input type="hidden" name="value" value=(value);
            label { span { bdi { (value) } " " i { (strings.labels_n.of(*n)) } } (choice("action", labels.actions.of(value))) }
        }
        label { (strings.all_other_labels) (choice("other", labels.actions.other)) }
        p.buttons {
            button name="do" value="subscribe" { (if labels.subscribed { &strings.save } else { &strings.subscribe }) } " "
            button.quiet name="do" value="preview" { (strings.preview_do) }
            @if labels.subscribed {
                " " button.danger name="do" value="unsubscribe" { (strings.unsubscribe) }
            }
        }
        p.fine { (strings.labels_note) }
    }
}

fn log_line(site: &Site<'_>, line: &LogLine) -> Markup {
    let strings = site.strings;
    let done = match line.action {
        LabelAction::Hide => &strings.did_hide,
        LabelAction::Fold => &strings.did_fold,
        LabelAction::Mark => &strings.did_mark,
        LabelAction::Ignore => &strings.action_ignore,
    };
    html! {
        li {
            span.entry {
                (done) " " (target(site, &line.target)) ": " b { bdi { (line.value) } }
                @if !line.reason.is_empty() { " (" bdi { (line.reason) } ")" }
                " " span.fine { (item::age(site, line.at)) }
            }
            " "
            @if line.undone {
                span.fine { (strings.undone) }
            } @else {
                (site.form(Action::Moderation, "inline", &html! {
                    input type="hidden" name="entry" value=(line.number);
                    button.quiet name="do" value="undo" { (strings.undo) }
                }))
            }
        }
    }
}

/// What a label or an exception is about, as a link.
pub(crate) fn target(site: &Site<'_>, target: &Target) -> Markup {
    let strings = site.strings;
    html! {
        @match target {
            Target::Item(id, title) => a href=(site.links.item(id)) dir="auto" {
                (title.as_deref().map_or(&*strings.a_comment, |title| item::title(strings, Some(title))))
            },
            Target::Person(who) => (person::link(site, who)),
            Target::Gone => (strings.gone_item),
        }
    }
}

/// The labels of somebody, in a link.
pub(crate) fn link(site: &Site<'_>, key: &PublicKey, text: &str) -> Markup {
    html! { a.button.quiet href=(site.links.labels(key, None)) { (text) } }
}
