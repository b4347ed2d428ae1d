//! What the reader does not want to see, and why: subscriptions, mutes, hidden items, exceptions, and
//! what authors retracted.

use maud::{Markup, html};
use upseed_model::{PublicKey, moderation::KeepRetracted};

use crate::{
    Action, ItemView, Person, Site,
    labels::{self, Target},
    page, person,
};

/// The page's content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModerationPage {
    /// To whose labels the reader subscribes, and how many of them are at work.
    pub subscriptions: Vec<(Person, u64)>,
    /// Whom the reader muted.
    pub mutes: Vec<Person>,
    /// What the reader hid.
    pub hidden: Vec<ItemView>,
    /// What is shown whatever its labels say.
    pub exceptions: Vec<(Target, ExceptionOf)>,
    /// What the reader hosts and its author retracted, until the reader decides.
    pub retracted: Vec<ItemView>,
    /// What becomes of items when their authors retract them.
    pub keep_retracted: KeepRetracted,
}

/// How an exception is named in a form: an item by its work id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionOf {
    /// An item, by its work id.
    Item(String),
    /// A person.
    Person(PublicKey),
}

/// The page.
pub fn page(site: &Site<'_>, page: &ModerationPage) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.moderation_title,
        html! {
            h1 { (strings.moderation_title) }
            p { (strings.moderation_text) }
            @for item in &page.retracted { (asks(site, item)) }
            section.card {
                h2 { (strings.mod_subscriptions) }
                @if page.subscriptions.is_empty() { p.none { (strings.mod_subscriptions_none) } }
                ul.entries { @for (who, acting) in &page.subscriptions {
                    li {
                        (person::link(site, who)) " " span.fine { (strings.acting_n.of(*acting)) } " "
                        (labels::link(site, &who.key, &strings.mod_settings_log))
                    }
                } }
            }
            section.card #muted {
                h2 { (strings.mod_mutes) }
                p.fine { (strings.mute_note) }
                @if page.mutes.is_empty() { p.none { (strings.mod_none) } }
                ul.entries { @for who in &page.mutes {
                    li {
                        (person::link(site, who)) " "
                        (site.form(Action::Person, "inline", &html! {
                            input type="hidden" name="key" value=(who.key.to_hex());
                            button.quiet name="do" value="unmute" { (strings.unmute) }
                        }))
                    }
                } }
            }
            section.card #hidden {
                h2 { (strings.mod_hidden) }
                @if page.hidden.is_empty() { p.none { (strings.mod_none) } }
                ul.entries { @for item in &page.hidden {
                    li { (labels::target(site, &Target::Item(item.id, item.title.clone()))) " " (unhide(site, item)) }
                } }
            }
            section.card {
                h2 { (strings.mod_exceptions) }
                p.fine { (strings.mod_exceptions_text) }
                @if page.exceptions.is_empty() { p.none { (strings.mod_none) } }
                ul.entries { @for (target, of) in &page.exceptions {
                    li {
                        (labels::target(site, target)) " "
                        (site.form(Action::Moderation, "inline", &html! {
                            @match of {
                                ExceptionOf::Item(work) => input type="hidden" name="work" value=(work);,
                                ExceptionOf::Person(key) => input type="hidden" name="key" value=(key.to_hex());,
                            }
                            button.quiet name="do" value="unexcept" { (strings.remove) }
                        }))
                    }
                } }
            }
            section.card {
                h2 { (strings.mod_retracted) }
                p { (strings.mod_retracted_text) }
                (site.form(Action::Moderation, "row", &html! {
                    @let name = |keep| match keep {
                        KeepRetracted::Ask => &strings.keep_ask,
                        KeepRetracted::Keep => &strings.keep_keep,
                        KeepRetracted::Drop => &strings.keep_drop,
                    };
                    select name="keep" aria-label=(strings.mod_retracted) { @for keep in KeepRetracted::ALL {
                        option value=(keep.as_str()) selected[keep == page.keep_retracted] { (name(keep)) }
                    } }
                    " " button name="do" value="default" { (strings.save) }
                }))
            }
        },
    )
}

/// The author retracted what the reader hosts: does it stay?
pub(crate) fn asks(site: &Site<'_>, top: &ItemView) -> Markup {
    let strings = site.strings;
    html! {
        aside.note {
            p { (labels::target(site, &Target::Item(top.id, top.title.clone()))) ": " (strings.retracted_ask) }
            (site.form(Action::Moderation, "buttons", &html! {
                input type="hidden" name="id" value=(top.id);
                button.quiet name="do" value="keep" { (strings.keep_hosting) } " "
                button name="do" value="stop" { (strings.stop_hosting) }
            }))
        }
    }
}

/// Shows a hidden item again.
fn unhide(site: &Site<'_>, item: &ItemView) -> Markup {
    html! { button.quiet form="k" name="unhide" value=(item.id) { (site.strings.unhide) } }
}

/// Shows an item whatever its labels say.
pub(crate) fn except(site: &Site<'_>, top: &ItemView) -> Markup {
    let strings = site.strings;
    site.form(
        Action::Moderation,
        "inline",
        &html! {
            input type="hidden" name="id" value=(top.id);
            button.quiet name="do" value="except" { (strings.always_show) }
        },
    )
}
