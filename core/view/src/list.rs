//! Lists of items, and why some of them are folded away.

use maud::{Markup, html};
use upseed_model::moderation::LabelAction;

use crate::{
    Site,
    item::{Fold, ItemView, row},
    strings::fill,
};

/// Why an item is folded: "Folded: spam, by ann", or a word.
pub(crate) fn fold_text(site: &Site<'_>, item: &ItemView) -> Markup {
    let strings = site.strings;
    let strongest = item.labels.first();
    html! {
        @match (item.fold, strongest) {
            (Some(Fold::Label), Some(label)) => {
                @let text = if label.action == LabelAction::Hide { &strings.hidden_as } else { &strings.folded_as };
                @let by = &label.by;
                @let name = if by.name.is_empty() { by.short_key() } else { by.name.clone() };
                bdi { (fill(text, &label.value)) } ", " (strings.by) " " bdi { (name) }
                @if !label.reason.is_empty() { " (" bdi { (label.reason) } ")" }
            },
            (Some(Fold::Unhosted), _) => (strings.fold_unhosted),
            (Some(Fold::Muted), _) => (strings.fold_muted),
            (Some(Fold::Label), None) => (strings.fold_label),
            (Some(Fold::Hidden), _) => (strings.fold_hidden),
            (Some(Fold::Score), _) => (strings.fold_score),
            (None, _) => {}
        }
    }
}

/// A row, behind a line that says why if the reader asked to be spared it.
fn row_or_fold(site: &Site<'_>, item: &ItemView) -> Markup {
    match item.fold {
        Some(Fold::Label | Fold::Hidden | Fold::Muted) => {
            html! {
                li.foldrow { details { summary { (fold_text(site, item)) } ol.list { (row(site, item)) } } }
            }
        }
        _ => row(site, item),
    }
}

/// A list of rows; what is folded comes last, behind a line that says how many.
pub(crate) fn list(site: &Site<'_>, items: &[ItemView], start: u32) -> Markup {
    let (folded, open): (Vec<_>, Vec<_>) =
        items.iter().partition(|item| item.fold == Some(Fold::Unhosted));
    html! {
        @if !open.is_empty() {
            ol.list start=[(start > 1).then_some(start)] {
                @for item in open { (row_or_fold(site, item)) }
            }
        }
        @if !folded.is_empty() {
            details.folded {
                summary { (site.strings.folded_n.of(folded.len() as u64)) }
                ol.list { @for item in folded { (row(site, item)) } }
            }
        }
    }
}
