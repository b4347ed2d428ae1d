//! Who and what is meant by what somebody typed: one rule for every caller.
//!
//! - A whole key, a whole id or a magnet link is what it says.
//! - Else somebody is meant by the beginning of their key, with or without `upseed:`, or by their display name;
//!   an item by the beginning of its id.
//! - What may mean several is refused, with a list of them. Names are cheap: a stranger who takes
//!   one, or a key's first letters as a name, makes it ambiguous and never his own.

use std::collections::BTreeSet;

use upseed_model::{
    Infohash, PublicKey, key::KeyError, magnet::is_magnet, prefix, statement::LabelTarget,
};
use upseed_node::{Node, NodeError, Reference};
use upseed_view::{Person, Relation};

use crate::view::context::ViewContext;

/// Candidates that a refusal names.
const LISTED: usize = 8;

/// Beginnings of keys that are shorter mean nobody where somebody is called so: short names are
/// words of the same letters.
const SHORT: usize = 4;

/// Hex digits that the beginning of an id has at least: a word of fewer is a slip.
const MIN_ID: usize = 4;

/// Somebody.
pub(crate) async fn person(node: &Node, text: &str) -> Result<PublicKey, NodeError> {
    let text = text.to_owned();
    node.blocking(move |node| person_of(node, &text)).await
}

/// [`person`], where it may wait for the disk.
pub(crate) fn person_of(node: &Node, text: &str) -> Result<PublicKey, NodeError> {
    let text = text.trim();
    match text.parse() {
        Ok(key) => return Ok(key),
        Err(error @ KeyError::Weak) => return Err(NodeError::Input(error.to_string())),
        Err(_) => {}
    }
    match &people(node, text)?[..] {
        [one] => Ok(*one),
        [] => Err(NodeError::Unnamed(format!("nobody here is called {}", quoted(text)))),
        many => Err(ambiguous(text, list_people(node, many)?)),
    }
}

/// An item: one that is here, or the whole id of another one.
pub(crate) async fn item(node: &Node, text: &str) -> Result<Reference, NodeError> {
    let whole = text.parse::<Reference>();
    let range = range(text.trim());
    let (Err(_), Some(range)) = (&whole, range) else { return Ok(whole?) };
    let text = text.trim().to_owned();
    node.blocking(move |node| match &node.items_between(&range)?[..] {
        [one] => Ok(Reference::from(*one)),
        [] => Err(NodeError::Unnamed(format!("no item here begins with {}", quoted(&text)))),
        many => Err(ambiguous(&text, list_items(node, many)?)),
    })
    .await
}

/// An item, or a person.
pub(crate) async fn target(node: &Node, text: &str) -> Result<LabelTarget, NodeError> {
    if let Ok(key) = text.trim().parse() {
        return Ok(LabelTarget::Key(key));
    }
    let found = match text.parse::<Reference>() {
        Ok(whole) => Some(whole.infohash),
        Err(error) if is_magnet(text.trim()) => return Err(error.into()),
        Err(_) => None,
    };
    let text = text.trim().to_owned();
    node.blocking(move |node| {
        if let Some(id) = found {
            return work(node, id);
        }
        let people = people(node, &text)?;
        let items = range(&text).map_or(Ok(Vec::new()), |range| node.items_between(&range))?;
        match (&people[..], &items[..]) {
            ([key], []) => Ok(LabelTarget::Key(*key)),
            ([], [id]) => work(node, *id),
            ([], []) => {
                let nothing = format!("nobody and nothing here is called {}", quoted(&text));
                Err(NodeError::Unnamed(nothing))
            }
            _ => {
                let lists = [list_people(node, &people)?, list_items(node, &items)?];
                Err(ambiguous(&text, lists.concat()))
            }
        }
    })
    .await
}

fn work(node: &Node, id: Infohash) -> Result<LabelTarget, NodeError> {
    let header = node.header(&id)?.ok_or(NodeError::UnknownItem(id))?;
    Ok(LabelTarget::Item(header.work()))
}

/// Ids that begin with a text; none if it is too short for one, or none.
fn range(text: &str) -> Option<std::ops::RangeInclusive<[u8; 20]>> {
    prefix::infohashes(text).filter(|_| text.len() >= MIN_ID)
}

fn people(node: &Node, text: &str) -> Result<Vec<PublicKey>, NodeError> {
    let mut found: BTreeSet<PublicKey> = node.keys_named(text)?.into_iter().collect();
    if found.is_empty() || text.len() >= SHORT {
        for range in prefix::keys(text) {
            found.extend(node.keys_between(&range)?);
        }
    }
    Ok(found.into_iter().collect())
}

fn list_people(node: &Node, keys: &[PublicKey]) -> Result<Vec<String>, NodeError> {
    let mut context = ViewContext::open(node)?;
    let mut listed = Vec::new();
    for key in keys.iter().take(LISTED) {
        let Person { name, relation, .. } = context.person(*key)?;
        let mut told = key.to_string().chars().take(7 + 8).collect::<String>();
        if !name.is_empty() {
            told += &format!(" {}", quoted(&name));
        }
        told += match relation {
            Relation::You => " (you)",
            Relation::Followed => " (followed)",
            Relation::Muted => " (muted)",
            Relation::Ended => " (key ended)",
            Relation::Stranger => "",
        };
        listed.push(told);
    }
    Ok(more(listed, keys.len()))
}

fn list_items(node: &Node, ids: &[Infohash]) -> Result<Vec<String>, NodeError> {
    let mut listed = Vec::new();
    for id in ids.iter().take(LISTED) {
        let header = node.header(id)?;
        let title = header.as_ref().and_then(|item| item.title()).map(quoted);
        listed.push(title.map_or_else(|| id.to_string(), |title| format!("{id} {title}")));
    }
    Ok(more(listed, ids.len()))
}

fn more(mut listed: Vec<String>, of: usize) -> Vec<String> {
    if of > listed.len() {
        listed.push(format!("{} more", of - listed.len()));
    }
    listed
}

fn ambiguous(text: &str, candidates: Vec<String>) -> NodeError {
    NodeError::Ambiguous { text: shortened(text), candidates: candidates.join(", ") }
}

/// In quotes, short, and without anything that acts on a terminal or a page.
fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
