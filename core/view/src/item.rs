//! An item as the view shows it: a row in a list, or the parts of a thread.

use std::borrow::Cow;

use maud::{Markup, html};
use serde::Serialize;
use upseed_model::{BoardName, Infohash, moderation::LabelAction};

use crate::{
    Site, direction, markdown, person,
    person::Person,
    strings::{fill, grouped},
    time,
};

/// A post or a comment, with what the node knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemView {
    /// The infohash.
    pub id: Infohash,
    /// Its board.
    pub board: BoardName,
    /// A post's title; `None` for a comment.
    pub title: Option<String>,
    /// What a comment answers.
    pub parent: Option<Infohash>,
    /// The post that a comment belongs to, and its title if that is known.
    pub root: Option<(Infohash, Option<String>)>,
    /// Who wrote it.
    pub author: Person,
    /// Unix seconds, as signed.
    pub time: u64,
    /// Signed votes known, whoever they come from.
    pub votes: u32,
    /// Comments below it, at any depth.
    pub comments: u32,
    /// Who has the text.
    pub hosts: Hosts,
    /// What became of the reader's upvote.
    pub vote: Vote,
    /// The text.
    pub text: Text,
    /// Labels from people whose labels the reader uses, the strongest first.
    pub labels: Vec<LabelView>,
    /// The reader hid it.
    pub hidden_by_reader: bool,
    /// The reader saved it.
    pub saved: bool,
    /// The reader wrote it with the key of now, and has not retracted it.
    pub own: bool,
    /// The reader hosts it, its author retracted it, and the reader has not decided yet.
    pub asks: bool,
    /// Why it is folded away, if it is.
    pub fold: Option<Fold>,
    /// It came since the reader was here last.
    pub unread: bool,
}

/// How many hosts were named or seen, as availability; never a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Hosts {
    /// `None` while nobody was asked.
    pub seen: Option<u32>,
    /// Networks in which the node met one and heard that it has the text.
    pub verified: u32,
    /// When that was last, in unix seconds.
    pub verified_at: Option<u64>,
}

/// What became of the reader's upvote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "detail")]
pub enum Vote {
    /// Not upvoted.
    #[default]
    None,
    /// Upvoted and durable; the client does not know yet.
    Wanted,
    /// The text or the check is on its way; a percentage if one is known.
    Fetching(Option<u8>),
    /// The client says that it hosts.
    Hosting,
    /// Upvoted, and it cannot be hosted; in the node's words.
    Failed(String),
    /// Withdrawn; the client has not stopped yet.
    Stopping,
    /// It is in the client without a vote of the user's.
    HostedOnly,
    /// Upvoted, and not hosted: its author is muted.
    StoppedMuted,
    /// Upvoted, and not hosted: its author retracted it.
    StoppedRetracted,
}

impl Vote {
    /// Whether the next press of the button withdraws.
    pub const fn is_up(&self) -> bool {
        !matches!(self, Self::None | Self::Stopping | Self::HostedOnly)
    }

    /// The class of the button.
    const fn class(&self) -> &'static str {
        match self {
            Self::None | Self::Stopping | Self::HostedOnly => "up",
            Self::Wanted | Self::Fetching(_) => "up on wait",
            Self::Hosting | Self::StoppedMuted | Self::StoppedRetracted => "up on",
            Self::Failed(_) => "up on bad",
        }
    }
}

/// An item's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Here it is, verified.
    Known(String),
    /// Asked for.
    Coming,
    /// Nobody asked has it.
    Nobody,
    /// Its author retracted it.
    Retracted,
    /// It does not match its header.
    Dead,
    /// Its author is muted.
    Muted,
}

/// A label from somebody whose labels the reader uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelView {
    /// Who says so.
    pub by: Person,
    /// What.
    pub value: String,
    /// Why, or "".
    pub reason: String,
    /// What becomes of the item.
    pub action: LabelAction,
}

/// Why an item is folded away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// No host seen for long.
    Unhosted,
    /// Its author is muted.
    Muted,
    /// A label that the reader asked to be spared.
    Label,
    /// The reader hid it.
    Hidden,
    /// A low score.
    Score,
}

/// What the page's script needs to bring an item up to date. The answer to a vote, and the data
/// of the event `item`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemUpdate {
    /// The item.
    pub id: Infohash,
    /// As JSON for programs.
    pub upvoted: bool,
    /// As JSON for programs.
    #[serde(flatten)]
    pub vote: Vote,
    /// Number for programs.
    pub votes: u32,
    /// Number for programs.
    pub comments: u32,
    /// Texts for the page, in the reader's language.
    pub show: ItemShow,
}

/// The texts of an [`ItemUpdate`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemShow {
    /// The votes.
    pub votes: String,
    /// The hosts.
    pub hosts: String,
    /// "14 comments".
    pub comments: String,
    /// "fetching …".
    pub status: String,
    /// What the button does next.
    pub action: String,
    /// The button's class.
    pub class: &'static str,
}

impl ItemView {
    /// The update that brings a page with an older state of this item up to date.
    pub fn update(&self, strings: &crate::Strings, now: u64) -> ItemUpdate {
        ItemUpdate {
            id: self.id,
            upvoted: self.vote.is_up(),
            vote: self.vote.clone(),
            votes: self.votes,
            comments: self.comments,
            show: ItemShow {
                votes: grouped(self.votes),
                hosts: self.hosts_text(strings, now),
                comments: self.comments_text(strings),
                status: self.status_text(strings).into_owned(),
                action: self.action_text(strings).to_owned(),
                class: self.vote.class(),
            },
        }
    }

    fn action_text<'s>(&self, strings: &'s crate::Strings) -> &'s str {
        if self.vote.is_up() { &strings.withdraw } else { &strings.upvote }
    }

    fn status_text<'s>(&self, strings: &'s crate::Strings) -> Cow<'s, str> {
        match &self.vote {
            Vote::None => Cow::Borrowed(""),
            Vote::Wanted => Cow::Borrowed(&strings.wanted),
            Vote::Fetching(None) => Cow::Borrowed(&strings.fetching),
            Vote::Fetching(Some(part)) => fill(&strings.fetching_part, &part.to_string()).into(),
            Vote::Hosting => Cow::Borrowed(&strings.hosting),
            Vote::Failed(why) => fill(&strings.vote_failed, why).into(),
            Vote::Stopping => Cow::Borrowed(&strings.stopping),
            Vote::HostedOnly => Cow::Borrowed(&strings.hosted_only),
            Vote::StoppedMuted => Cow::Borrowed(&strings.stopped_muted),
            Vote::StoppedRetracted => Cow::Borrowed(&strings.stopped_retracted),
        }
    }

    fn hosts_text(&self, strings: &crate::Strings, now: u64) -> String {
        let Hosts { seen, verified, verified_at } = self.hosts;
        match (seen, verified_at) {
            (None, _) => strings.hosts_unknown.to_string(),
            (Some(0), _) => strings.no_host_seen.to_string(),
            (Some(n), Some(at)) if verified > 0 => {
                let (hosts, verified) = (strings.hosts_n.of(n), strings.verified_n.of(verified));
                format!("{hosts}, {verified} {}", strings.age(at, now))
            }
            (Some(n), _) => strings.hosts_n.of(n),
        }
    }

    fn comments_text(&self, strings: &crate::Strings) -> String {
        if self.comments == 0 {
            strings.comments_none.to_string()
        } else {
            strings.comments_n.of(self.comments)
        }
    }
}

/// A title, or words in its place if there is nothing in it to see, or to click on.
pub(crate) fn title<'t>(strings: &'t crate::Strings, title: Option<&'t str>) -> &'t str {
    title.filter(|title| !upseed_model::text::is_blank(title)).unwrap_or(&strings.deleted_title)
}

/// The direction of an item: of its title, or of its text.
pub(crate) fn direction_of(item: &ItemView) -> Option<&'static str> {
    match (&item.title, &item.text) {
        (Some(title), _) => direction::of(title),
        (None, Text::Known(text)) => direction::of(text),
        (None, _) => None,
    }
}

/// The element id of an item: where a permalink and the script find it.
pub(crate) fn anchor(id: &Infohash) -> String {
    format!("i{id}")
}

/// The upvote button. It belongs to the one vote form of the page, so that a list of fifty is not
/// fifty forms.
pub(crate) fn vote_button(site: &Site<'_>, item: &ItemView) -> Markup {
    let name = if item.vote.is_up() { "down" } else { "up" };
    html! {
        button class=(item.vote.class()) form="v" name=(name) value=(item.id)
            aria-label=(item.action_text(site.strings)) {}
    }
}

/// The votes, as a link to what they are worth.
pub(crate) fn votes_link(site: &Site<'_>, item: &ItemView) -> Markup {
    html! {
        a.n href=(site.links.why(&item.id)) title=(site.strings.score_why) { (grouped(item.votes)) }
    }
}

/// When, as text for everybody and as a moment for the script.
pub(crate) fn age(site: &Site<'_>, time: u64) -> Markup {
    html! { time datetime=(time::iso(time)) { (site.strings.age(time, site.now)) } }
}

pub(crate) fn hosts(site: &Site<'_>, item: &ItemView) -> Markup {
    html! { span.ho { (item.hosts_text(site.strings, site.now)) } }
}

pub(crate) fn status(site: &Site<'_>, item: &ItemView) -> Markup {
    let text = item.status_text(site.strings);
    html! { @if !text.is_empty() { span.st { (text) } } }
}

pub(crate) fn labels(site: &Site<'_>, item: &ItemView) -> Markup {
    html! {
        @if !item.labels.is_empty() {
            ul.labels {
                @for label in &item.labels {
                    li {
                        (person::link(site, &label.by)) " " (site.strings.label_by) " "
                        b dir="auto" { (label.value) }
                        @if !label.reason.is_empty() { ": " bdi { (label.reason) } }
                    }
                }
            }
        }
    }
}

/// The text, or why there is none.
pub(crate) fn body(site: &Site<'_>, item: &ItemView) -> Markup {
    let strings = site.strings;
    html! {
        @match &item.text {
            Text::Known(text) if item.fold == Some(Fold::Muted) => details.muted {
                summary { (strings.text_muted) " " (strings.show_anyway) }
                div.md { (markdown::html(text)) }
            },
            Text::Known(text) => div.md { (markdown::html(text)) },
            Text::Coming => p.none aria-busy="true" { (strings.text_coming) },
            Text::Nobody => p.none { (strings.text_nobody) },
            Text::Retracted => p.none { (strings.text_retracted) },
            Text::Dead => p.none { (strings.text_dead) },
            Text::Muted => p.none { (strings.text_muted) },
        }
    }
}

/// What can be done with an item besides the vote: pages, and buttons of the page's one form for it.
pub(crate) fn menu(site: &Site<'_>, item: &ItemView) -> Markup {
    let (strings, links, id) = (site.strings, site.links, &item.id);
    html! {
        a href=(links.share(id)) { (strings.share) } " "
        @if item.saved { button.on form="k" name="unsave" value=(id) aria-pressed="true" { (strings.kept) } }
        @else { button form="k" name="save" value=(id) { (strings.keep) } }
        " "
        @if item.own {
            a href=(links.edit(id)) { (strings.edit) } " "
            a href=(links.retract(id)) { (strings.retract_item) }
        } @else if item.hidden_by_reader {
            button form="k" name="unhide" value=(id) { (strings.unhide_item) }
        } @else {
            button form="k" name="hide" value=(id) { (strings.hide_item) }
        }
    }
}

/// A row of a list.
pub(crate) fn row(site: &Site<'_>, item: &ItemView) -> Markup {
    let (strings, links) = (site.strings, site.links);
    html! {
        li.it id=(anchor(&item.id)) {
            (vote_button(site, item)) (votes_link(site, item))
            @match (&item.title, &item.root) {
                (Some(title), _) => h2 dir=[direction_of(item)] { a href=(links.item(&item.id)) { (self::title(strings, Some(title))) } },
                (None, root) => {
                    div.ex {
                        a href=(links.item(&item.id)) { (excerpt(site, item)) }
                    }
                    @if let Some((root, title)) = root {
                        p.on {
                            (strings.answer_to) " "
                            a href=(links.item(root)) dir="auto" {
                                (self::title(strings, title.as_deref()))
                            }
                        }
                    }
                }
            }
            (labels(site, item))
            p.mt dir=[direction_of(item)] {
                @if item.unread { b.fo { (strings.unread) } " " }
                (person::link(site, &item.author)) " "
                @if site.board != Some(item.board) {
                    a href=(links.board(&item.board)) { (item.board) } " "
                }
                (age(site, item.time)) " "
                a.cc href={ (links.item(&item.id)) "#c" } { (item.comments_text(strings)) } " "
                (hosts(site, item)) " " (status(site, item)) " " (menu(site, item))
            }
        }
    }
}

/// The beginning of a comment, or why there is none.
fn excerpt(site: &Site<'_>, item: &ItemView) -> String {
    match &item.text {
        Text::Known(text) => {
            let plain = markdown::plain(text, 240);
            if !upseed_model::text::is_blank(&plain) { plain } else { "…".to_owned() }
        }
        Text::Coming => site.strings.text_coming.to_string(),
        _ => site.strings.no_host.to_string(),
    }
}
