//! Changes, in the words of the page's script.

use serde_json::{Value, json};
use upseed_view::Strings;

use super::values::one;
use crate::{Node, NodeError, NodeEvent};

/// The name and the data of a change for an open page; none if it shows nothing there.
pub(crate) fn view_event(
    node: &Node,
    event: &NodeEvent,
) -> Result<Option<(&'static str, Value)>, NodeError> {
    let item = |id| -> Result<_, NodeError> {
        let update = one(node, id)?.map(|item| item.update(Strings::english()));
        Ok(update.map(|update| ("item", json!(update))))
    };
    Ok(match event {
        NodeEvent::Votes { id, .. } | NodeEvent::Hosting { id, .. } => item(*id)?,
        NodeEvent::Item { id, root, .. } => {
            let row = node.inner.store.item(id)?;
            let parent = row.and_then(|row| row.item.parent()).map(|link| link.infohash);
            let kind = if root.is_some() { "comment" } else { "post" };
            Some(("new", json!({ "id": id, "kind": kind, "root": root, "parent": parent })))
        }
        NodeEvent::Text { id } => Some(("text", json!({ "id": id }))),
        NodeEvent::Work { job, percent } => {
            Some(("work", json!({ "job": job, "percent": percent })))
        }
        NodeEvent::Unreadable { .. } | NodeEvent::Sync { .. } => None,
    })
}
