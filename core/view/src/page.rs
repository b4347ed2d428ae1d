//! The frame around every page.

use maud::{DOCTYPE, Markup, html};
use upseed_model::{BoardName, Reachability};

use crate::{Action, Links, Strings};

/// What every page needs to know.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    /// Makes the addresses.
    pub links: &'a Links,
    /// The language.
    pub strings: &'a Strings,
    /// Unix seconds.
    pub now: u64,
    /// What every form of the page carries against forged requests.
    pub page_token: &'a str,
    /// This page's address below the prefix without what [`Links`] adds ("t/abc?after=1"): where
    /// a form of this page comes back to, through [`Links::back`].
    pub here: String,
    /// The board that this page is about; its rows do not name it again.
    pub board: Option<BoardName>,
    /// The boards that the reader joined, for the line on top.
    pub joined: Vec<BoardName>,
    /// The colours.
    pub theme: Theme,
    /// More items on one screen.
    pub is_compact: bool,
    /// Whether the composer asks for a name: once, before anything was written.
    pub asks_name: bool,
    /// Whether the reader has a key yet.
    pub has_key: bool,
    /// Whether the reader has been told what an upvote shows to others. Until then a vote is
    /// answered with [`crate::welcome::first_vote`].
    pub vote_agreed: bool,
    /// Replies not seen yet.
    pub unread: u32,
    /// What the node is doing.
    pub status: Status,
    /// This page's feed ([`Links::feed`]), if the reader made feed addresses.
    pub feed: Option<String>,
    /// The last change that the page can show: what comes after it is announced on the page, also
    /// what came before the page began to listen. `None` if the page shows nothing of the node's.
    pub since: Option<u64>,
    /// The name under which a visit to this page is remembered, if it is.
    pub visited: Option<String>,
    /// What a form has just done.
    pub flash: Option<Flash>,
}

/// What the node is doing, for the line below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Name and version of the client, e.g. "qBittorrent 5.1.4".
    pub client: String,
    /// The client answers.
    pub client_there: bool,
    /// Items hosted.
    pub hosted: u32,
    /// Items that are gone from the client, about which the reader is asked.
    pub asked: u32,
    /// People's nodes that are connected now.
    pub met: u32,
    /// Nodes in the DHT's table.
    pub dht_nodes: u32,
    /// By what others reach the node.
    pub reachable: Reachability,
    /// The port that is open for them, if one is.
    pub outside_port: u16,
    /// What is wrong with this machine's clock, in the node's words.
    pub clock: Option<String>,
}

impl Status {
    /// The texts of the line below, in order: the field `show` of the event `status`.
    pub fn show(&self, strings: &Strings) -> Vec<String> {
        if *self == Self::default() {
            // A page for nobody says nothing of the node.
            return Vec::new();
        }
        let mut show = Vec::with_capacity(4);
        if !self.client.is_empty() {
            let away =
                if self.client_there { String::new() } else { format!(" ({})", strings.net_away) };
            show.push(format!("{}{away}", self.client));
        }
        show.push(strings.hosting_n.of(self.hosted));
        show.push(strings.met_n.of(self.met));
        show.push(strings.dht_n.of(self.dht_nodes));
        show
    }
}

/// The colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The word in forms and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that word; anything else is as the system says.
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word).unwrap_or_default()
    }
}

macro_rules! flash {
    ($($(#[$doc:meta])* $variant:ident $word:literal $text:ident,)*) => {
        /// What a form has done, said on the page that it comes back to (`said=` in its address).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Flash { $($(#[$doc])* $variant,)* }

        impl Flash {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of that word.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|flash| flash.as_str() == word)
            }

            /// What it says.
            pub fn text(self, strings: &Strings) -> &str {
                match self { $(Self::$variant => &strings.$text,)* }
            }
        }
    };
}
flash! {
    /// A post or comment is out.
    Published "published" flash_published,
    /// Settings or profile.
    Saved "saved" flash_saved,
    /// A person.
    Followed "followed" flash_followed,
    /// A person.
    Unfollowed "unfollowed" flash_unfollowed,
    /// A person.
    Muted "muted" flash_muted,
    /// A person.
    Unmuted "unmuted" flash_unmuted,
    /// A board.
    Joined "joined" flash_joined,
    /// A board.
    Left "left" flash_left,
    /// Feed addresses.
    Revoked "revoked" flash_revoked,
    /// A label.
    Labelled "labelled" flash_labelled,
    /// An item.
    Retracted "retracted" flash_retracted,
    /// A subscription to labels.
    Subscribed "subscribed" flash_subscribed,
    /// A subscription to labels.
    Unsubscribed "unsubscribed" flash_unsubscribed,
    /// One thing that a subscription did.
    Undone "undone" flash_undone,
    /// An item.
    Hidden "hidden" flash_hidden,
    /// An item.
    Shown "shown" flash_shown,
    /// The people of a starter list.
    FollowedList "followed-list" flash_followed_list,
    /// A starter list.
    Withdrawn "withdrawn" flash_withdrawn,
    /// A key.
    Restored "restored" flash_restored,
    /// An item.
    Kept "kept" flash_kept,
    /// An item.
    Unkept "unkept" flash_unkept,
    /// An item, by a newer one.
    Replaced "replaced" flash_replaced,
}

impl Site<'_> {
    /// A form with the fields that every form has.
    pub(crate) fn form(&self, action: Action, class: &str, inner: &Markup) -> Markup {
        html! {
            form.(class) method="post" action=(self.links.action(action)) {
                (self.hidden(&self.here))
                (inner)
            }
        }
    }

    /// The two fields that every form has.
    pub(crate) fn hidden(&self, back: &str) -> Markup {
        html! {
            input type="hidden" name="page_token" value=(self.page_token);
            input type="hidden" name="back" value=(back);
        }
    }
}

/// A whole page.
pub(crate) fn page(site: &Site<'_>, title: &str, main: Markup) -> String {
    let (strings, links) = (site.strings, site.links);
    let theme = (site.theme != Theme::Auto).then_some(site.theme.as_str());
    html! {
        (DOCTYPE)
        html lang=(strings.lang) data-theme=[theme] data-compact[site.is_compact] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if site.unread > 0 { "(" (site.unread) ") " } (title) @if title != strings.site { " · " (strings.site) } }
                link rel="icon" href=(links.asset("upseed.svg"));
                link rel="stylesheet" href=(links.asset("upseed.css"));
                @if let Some(feed) = &site.feed {
                    link rel="alternate" type="application/rss+xml" href=(feed);
                }
                script type="module" src=(links.asset("upseed.js")) {}
            }
            body data-events=(links.events()) data-open=(links.action(Action::Open))
                data-seen=[site.visited.as_ref().map(|_| links.action(Action::Seen))] data-visited=[&site.visited] data-since=[site.since] data-carried=(links.carried())
                data-failed=(strings.failed) data-left=(strings.chars_left) data-over=(strings.chars_over)
                data-ages={ (site.now) "|" (strings.minutes) "|" (strings.hours) "|" (strings.days) }
            {
                a.skip href="#main" { (strings.skip) }
                (header(site))
                form #v method="post" action=(links.action(Action::Vote)) data-agreed[site.vote_agreed] {
                    (site.hidden(&site.here))
                }
                form #k method="post" action=(links.action(Action::Keep)) { (site.hidden(&site.here)) }
                p #news hidden { a href=(links.back(&site.here)) { (strings.new_items) } }
                p #oops role="alert" hidden {}
                p #live.vh role="status" {
                    @if let Some(flash) = site.flash { (flash.text(strings)) }
                }
                main #main tabindex="-1" {
                    @if let Some(flash) = site.flash { p.said aria-hidden="true" { (flash.text(strings)) } }
                    @if site.status.asked > 0 && site.here != "me" {
                        aside.note { p { a href=(links.me()) { (strings.asked_n.of(site.status.asked)) } } }
                    }
                    (main)
                }
                (footer(site))
            }
        }
    }
    .into_string()
}

fn header(site: &Site<'_>) -> Markup {
    let (strings, links) = (site.strings, site.links);
    html! {
        header {
            nav.top aria-label=(strings.nav) {
                a.logo href=(links.home()) {
                    img src=(links.asset("upseed.svg")) alt="" width="22" height="22";
                    (strings.site)
                }
                a href=(links.boards()) { (strings.boards) }
                a href=(links.inbox(None)) {
                    (strings.inbox) " "
                    b #unread hidden[site.unread == 0] { (site.unread) }
                }
                a href=(links.me()) { (strings.me) }
                form.find role="search" action=(links.search("", None, None)) {
                    @for (name, value) in carried(links) {
                        input type="hidden" name=(name) value=(value);
                    }
                    input #q type="search" name="q" aria-label=(strings.search_or_open) placeholder=(strings.search_or_open);
                }
                a.write href=(links.write(site.board.as_ref())) { (strings.write) }
            }
            @if site.joined.len() > STRIP { (picker(site)) }
            @else if !site.joined.is_empty() {
                nav.strip aria-label=(strings.boards) {
                    a href=(links.home()) aria-current=[site.board.is_none().then_some("true")] { (strings.all_boards) }
                    @for board in &site.joined {
                        a href=(links.board(board)) aria-current=[(site.board == Some(*board)).then_some("true")] { (board) }
                    }
                }
            }
        }
    }
}

/// Boards that fit one line; more are behind a button.
const STRIP: usize = 8;

/// Many boards: where the reader is, and all others on demand.
fn picker(site: &Site<'_>) -> Markup {
    let (strings, links) = (site.strings, site.links);
    let here = |board: &BoardName| (site.board == Some(*board)).then_some("true");
    html! {
        nav.strip.many aria-label=(strings.boards) {
            a href=(links.home()) aria-current=[site.board.is_none().then_some("true")] { (strings.all_boards) }
            @if let Some(board) = &site.board { a href=(links.board(board)) aria-current="true" { (board) } }
            details {
                summary { (strings.boards_n.of(site.joined.len() as u64)) }
                ul { @for board in &site.joined { li { a href=(links.board(board)) aria-current=[here(board)] { (board) } } } }
            }
        }
    }
}

/// What a form by GET must carry as fields: a browser drops the query of its address.
pub(crate) fn carried(links: &Links) -> Vec<(String, String)> {
    url::form_urlencoded::parse(links.carried().as_bytes()).into_owned().collect()
}

fn footer(site: &Site<'_>) -> Markup {
    let (strings, links) = (site.strings, site.links);
    let keys = [
        ("j k", &strings.keys_next),
        ("a u", &strings.keys_vote),
        ("↵", &strings.keys_open),
        ("c", &strings.keys_comments),
        ("r", &strings.keys_reply),
        ("x", &strings.keys_fold),
        ("/", &strings.keys_search),
        ("?", &strings.keys_help),
        ("esc", &strings.keys_close),
    ];
    html! {
        footer {
            p #status {
                @for text in site.status.show(strings) { span { (text) } " " }
            }
            p {
                a href=(links.welcome()) { (strings.about) } " "
                @match &site.feed {
                    Some(feed) => a href=(feed) { (strings.feed) },
                    None => a href={ (links.me()) "#feeds" } { (strings.feed) },
                }
            }
            details #keys {
                summary { (strings.keys_title) }
                dl { @for (key, what) in keys { div { dt { kbd { (key) } } dd { (what) } } } }
            }
        }
    }
}

/// "More", at the end of a list that goes on.
pub(crate) fn more(site: &Site<'_>, href: Option<String>) -> Markup {
    html! {
        @if let Some(href) = href {
            p.more { a rel="next" href=(href) { (site.strings.more) } }
        }
    }
}
