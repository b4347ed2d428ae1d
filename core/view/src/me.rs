//! The reader's own page: key, back-up, what is hosted, settings, feeds.

use maud::{Markup, html};
use upseed_model::{PublicKey, Reachability, limits::MAX_ABOUT, limits::MAX_NAME};

use crate::{
    Action, FeedOf, ItemView, ListQuery, Site, Strings, Theme, item, page, person,
    starters::{self, MyStarters},
    strings::fill,
};

/// The page's content.
#[derive(Debug, Clone, PartialEq)]
pub struct MePage {
    /// The key, once there is one, and the profile that goes with it.
    pub key: Option<Profile>,
    /// What is hosted.
    pub hosting: Hosting,
    /// What was upvoted, newest first, and where each is.
    pub upvoted: Vec<(ItemView, Place)>,
    /// Upvoted items that the client has lost without the user's doing, as far as one can tell:
    /// the user is asked.
    pub missing: u32,
    /// What was removed in the client within the last hour, the newest first, and for how many minutes that can be undone.
    pub removed: Vec<(ItemView, u32)>,
    /// Whom the reader suggests to others.
    pub starters: MyStarters,
    /// The settings as they are.
    pub settings: Settings,
    /// The feeds' read-only token, once one was made.
    pub feed_token: Option<String>,
    /// Scheme, host and port for the feeds' addresses, e.g. `http://127.0.0.1:7667`.
    pub origin: String,
    /// Why something was refused, in the node's words.
    pub error: Option<String>,
}

/// The reader's key and what they say about themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The key.
    pub key: PublicKey,
    /// The name, or "".
    pub name: String,
    /// About, or "".
    pub about: String,
    /// The 24 words were shown once.
    pub backed_up: bool,
}

/// What is hosted, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hosting {
    /// Items.
    pub items: u32,
    /// Bytes of their texts.
    pub bytes: u64,
    /// What about the client stands in a vote's way, and what to change.
    pub warnings: Vec<String>,
    /// In the user's client; `None` where the node's own engine is the client.
    pub in_client: Option<u32>,
    /// In the node's own engine.
    pub in_node: u32,
    /// Wanted, and nowhere yet.
    pub waiting: u32,
    /// Announced within the budget, of those that should be.
    pub announced: (u32, u32),
}

/// Where a hosted item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the user's client.
    Client,
    /// In the node's own engine.
    Node,
    /// Not yet anywhere.
    Waiting,
    /// Lost by the client.
    Missing,
    /// Nowhere: its author is muted, or retracted it.
    Stopped,
}

/// What can be set; `None` for what this node has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `theme`.
    pub theme: Theme,
    /// `density`: more items on one screen.
    pub is_compact: bool,
    /// `client_budget`: newest upvotes kept in the client.
    pub client_budget: Option<u32>,
    /// `history_days`.
    pub history_days: u32,
    /// `additions_are_votes` (a checkbox: there or not).
    pub additions_are_votes: Option<bool>,
    /// `announce_me` (a checkbox).
    pub announce_me: Option<bool>,
}

/// The ways to all that the reader keeps, follows, and leaves out.
fn lists(site: &Site<'_>) -> Markup {
    let (strings, links) = (site.strings, site.links);
    let moderation = links.moderation();
    html! {
        nav aria-label=(strings.my_lists) {
            ul.chips {
                li { a href=(links.saved(None)) { (strings.saved_title) } }
                li { a href=(links.following()) { (strings.following) } }
                li { a href={ (moderation) "#muted" } { (strings.muted_list) } }
                li { a href={ (moderation) "#hidden" } { (strings.hidden_list) } }
                li { a href=(moderation) { (strings.moderation_title) } }
            }
        }
    }
}

/// The page.
pub fn page(site: &Site<'_>, me: &MePage) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.me_title,
        html! {
            h1 { (strings.me_title) }
            @if let Some(error) = &me.error { p.error role="alert" { (error) } }
            @if me.missing > 0 { (missing(site, me.missing)) }
            @if !me.removed.is_empty() { (removed(site, &me.removed)) }
            (lists(site))
            div.cards {
                section.card { (identity(site, me)) }
                section.card { (hosting(site, &me.hosting)) }
                section.card { (settings(site, &me.settings)) }
                @if me.key.is_some() { section.card #starters { (starters::card(site, &me.starters)) } }
                section.card #feeds { (feeds(site, me)) }
                section.card #restore { (restore(site)) }
            }
            @if !me.upvoted.is_empty() {
                h2 { (strings.me_upvoted) }
                ol.list { @for (item, place) in &me.upvoted {
                    (item::row(site, item))
                    li.snippet { span.place { (match place {
                        Place::Client => &strings.place_client,
                        Place::Node => &strings.place_node,
                        Place::Waiting => &strings.place_waiting,
                        Place::Missing => &strings.place_missing,
                        Place::Stopped => &strings.place_stopped,
                    }) } }
                } }
            }
        },
    )
}

fn missing(site: &Site<'_>, lost: u32) -> Markup {
    let strings = site.strings;
    html! {
        aside.note {
            h2 { (strings.me_missing_title) }
            p { (strings.lost_n.of(lost)) " " (strings.me_missing_text) }
            (site.form(Action::Missing, "buttons", &html! {
                button name="do" value="host" { (strings.me_missing_host) } " "
                button.quiet name="do" value="withdraw" { (strings.me_missing_withdraw) }
            }))
        }
    }
}

fn removed(site: &Site<'_>, removed: &[(ItemView, u32)]) -> Markup {
    let strings = site.strings;
    html! {
        section #removed {
            h2 { (strings.me_removed) }
            p { (strings.me_removed_text) }
            ol.list { @for (item, minutes) in removed {
                (item::row(site, item))
                li.snippet { (site.form(Action::Missing, "buttons", &html! {
                    input type="hidden" name="id" value=(item.id);
                    button.quiet name="do" value="host" { (strings.me_removed_undo) } " "
                    span.fine { (strings.undo_n.of(*minutes)) }
                })) }
            } }
        }
    }
}

fn identity(site: &Site<'_>, me: &MePage) -> Markup {
    let strings = site.strings;
    html! {
        h2 { (strings.me_profile) }
        @match &me.key {
            None => p { (strings.me_no_key) },
            Some(profile) => {
                p.id.(person::hue(&profile.key)) { (strings.key) " " code { (profile.key) } }
                (site.form(Action::Profile, "", &html! {
                    label { (strings.me_name) input name="name" dir="auto" value=(profile.name) data-max=(MAX_NAME) autocomplete="nickname"; }
                    p.left aria-live="polite" {}
                    label { (strings.me_about) textarea name="about" dir="auto" rows="3" data-max=(MAX_ABOUT) { (profile.about) } }
                    p.left aria-live="polite" {}
                    p.buttons { button { (strings.save) } }
                }))
                h3 { (strings.me_back_up) }
                p { (strings.me_back_up_text) }
                p.fine { (if profile.backed_up { &strings.me_back_up_done } else { &strings.me_back_up_never }) }
                (site.form(Action::Backup, "buttons", &html! { button.quiet { (strings.me_back_up_show) } }))
                details {
                    summary { (strings.me_succeed) }
                    (site.form(Action::Succeed, "", &html! {
                        p { (strings.me_succeed_text) }
                        p.buttons { button.quiet name="do" value="succeed" { (strings.me_succeed_do) } }
                    }))
                    (site.form(Action::Succeed, "", &html! {
                        p { (strings.me_revoke_text) }
                        label.check { input type="checkbox" name="sure" value="1" required; (strings.me_revoke_sure) }
                        p.buttons { button.danger name="do" value="revoke" { (strings.me_revoke_do) } }
                    }))
                }
            }
        }
    }
}

fn hosting(site: &Site<'_>, hosting: &Hosting) -> Markup {
    let (strings, status) = (site.strings, &site.status);
    let client =
        if status.client.is_empty() { &strings.net_client } else { status.client.as_str() };
    html! {
        h2 { (strings.me_hosting) }
        dl.facts {
            div { dt { (strings.me_hosting_items) } dd { (hosting.items) } }
            div { dt { (strings.me_hosting_bytes) } dd { (size(strings, hosting.bytes)) } }
            @if let Some(in_client) = hosting.in_client {
                div { dt { (fill(&strings.me_hosting_client, client)) } dd { (in_client) } }
                div { dt { (strings.me_hosting_own) } dd { (hosting.in_node) } }
            }
            div { dt { (strings.me_hosting_waiting) } dd { (hosting.waiting) } }
            @if hosting.announced.1 > 0 {
                div { dt { (strings.me_hosting_announced) } dd { (fill(&strings.me_hosting_of, &hosting.announced.0.to_string())) " " (hosting.announced.1) } }
            }
            @for warning in &hosting.warnings {
                div { dt { (strings.me_warnings) } dd dir="auto" { (warning) } }
            }
        }
        h3 { (strings.me_network) }
        dl.facts {
            div { dt { (strings.net_client) } dd { (client) @if !status.client_there { " (" (strings.net_away) ")" } } }
            div { dt { (strings.net_met) } dd { (status.met) } }
            div { dt { (strings.net_dht) } dd { (status.dht_nodes) } }
            div { dt { (strings.net_reach) } dd { (fill(reach(strings, status.reachable), &status.outside_port.to_string())) } }
        }
    }
}

fn reach(strings: &Strings, reachable: Reachability) -> &str {
    match reachable {
        Reachability::Unseen => &strings.net_reach_unseen,
        Reachability::Upnp => &strings.net_reach_upnp,
        Reachability::NatPmp => &strings.net_reach_nat_pmp,
        Reachability::Direct => &strings.net_reach_direct,
        Reachability::Punched => &strings.net_reach_punched,
        Reachability::Proxy => &strings.net_reach_proxy,
        Reachability::Private => &strings.net_reach_private,
    }
}

fn settings(site: &Site<'_>, settings: &Settings) -> Markup {
    let strings = site.strings;
    let name = |theme| match theme {
        Theme::Auto => &strings.theme_auto,
        Theme::Light => &strings.theme_light,
        Theme::Dark => &strings.theme_dark,
    };
    html! {
        h2 { (strings.me_settings) }
        (site.form(Action::Settings, "", &html! {
            label { (strings.set_theme) select name="theme" { @for theme in Theme::ALL {
                option value=(theme.as_str()) selected[theme == settings.theme] { (name(theme)) }
            } } }
            label { (strings.set_density) select name="density" {
                option value="comfortable" { (strings.density_normal) }
                option value="compact" selected[settings.is_compact] { (strings.density_compact) }
            } }
            @if let Some(budget) = settings.client_budget {
                label { (strings.set_budget) input type="number" name="client_budget" min="0" max="100000" value=(budget); }
            }
            label { (strings.set_days) input type="number" name="history_days" min="1" max="400" value=(settings.history_days); }
            @if let Some(on) = settings.additions_are_votes {
                label.check { input type="checkbox" name="additions_are_votes" value="1" checked[on]; (strings.set_additions) }
            }
            @if let Some(on) = settings.announce_me {
                label.check { input type="checkbox" name="announce_me" value="1" checked[on]; (strings.set_announce) }
            }
            p.buttons { button { (strings.save) } }
        }))
    }
}

fn feeds(site: &Site<'_>, me: &MePage) -> Markup {
    let (strings, links) = (site.strings, site.links);
    html! {
        h2 { (strings.me_feeds) }
        p { (strings.me_feeds_text) }
        @if let Some(token) = &me.feed_token {
            dl.urls {
                @let all = [(strings.all_boards.to_string(), FeedOf::List(ListQuery::default())), (strings.feed_inbox.to_string(), FeedOf::Inbox)];
                @let boards = site.joined.iter().map(|board| {
                    (board.to_string(), FeedOf::List(ListQuery { board: Some(*board), ..ListQuery::default() }))
                });
                @for (name, of) in all.into_iter().chain(boards) {
                    div { dt { (name) } dd { code { (me.origin) (links.feed(&of, token)) } } }
                }
            }
        }
        (site.form(Action::Feed, "buttons", &html! {
            @if me.feed_token.is_some() {
                button.danger name="do" value="revoke" { (strings.me_feeds_revoke) }
            } @else {
                button.quiet name="do" value="create" { (strings.me_feeds_create) }
            }
        }))
    }
}

fn restore(site: &Site<'_>) -> Markup {
    let strings = site.strings;
    html! {
        h2 { (strings.me_restore) }
        (site.form(Action::Restore, "", &html! {
            label {
                (strings.me_restore_text)
                textarea name="phrase" required rows="3" autocomplete="off" autocapitalize="none" spellcheck="false" {}
            }
            p.buttons { button.quiet { (strings.me_restore_do) } }
        }))
    }
}

/// The 24 words, once, on purpose. The answer to [`Action::Backup`]; not to be stored by anybody
/// (see [`crate::csp::HEADERS`]).
pub fn backup(site: &Site<'_>, phrase: &str) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.backup_title,
        html! {
            section.welcome {
                h1 { (strings.backup_title) }
                p { (strings.backup_text) }
                ol.words translate="no" { @for word in phrase.split_whitespace() { li { (word) } } }
                p { a.button href=(site.links.me()) { (strings.backup_done) } }
            }
        },
    )
}

/// Bytes as people read them.
fn size(strings: &Strings, bytes: u64) -> String {
    let (text, n) = match bytes {
        0..10_000 => (&strings.bytes, bytes),
        10_000..10_000_000 => (&strings.kilobytes, bytes / 1_000),
        _ => (&strings.megabytes, bytes / 1_000_000),
    };
    fill(text, &n.to_string())
}
