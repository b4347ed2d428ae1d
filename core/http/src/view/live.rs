//! Changes, in the words of the page's script.

use serde_json::{Value, json};
use upseed_model::Infohash;
use upseed_node::{Node, NodeError, NodeEvent, now};
use upseed_view::{Strings, Text};

use super::{
    context::one,
    reader::{shown_status, unread},
};

/// The name and the data of something that an open page shows.
pub(crate) type ViewEvent = (&'static str, Value);

/// A change as open pages hear it; nothing if they do not show it.
pub(crate) fn view_event(node: &Node, event: &NodeEvent) -> Result<Vec<ViewEvent>, NodeError> {
    Ok(match event {
        NodeEvent::Votes { id, .. } | NodeEvent::Hosting { id, .. } => {
            view_item(node, *id)?.into_iter().collect()
        }
        NodeEvent::Item { id, root, .. } => {
            let parent = node.header(id)?.and_then(|item| item.parent());
            let answered = match &parent {
                Some(parent) => node.header(&parent.infohash)?,
                None => None,
            };
            let kind = if root.is_some() { "comment" } else { "post" };
            let parent = parent.map(|link| link.infohash);
            let new = json!({ "id": id, "kind": kind, "root": root, "parent": parent });
            let mut events = vec![("new", new)];
            let me = node.identity().public();
            if answered.is_some_and(|item| Some(item.author()) == me) {
                events.push(("inbox", json!({ "unread": unread(node)? })));
            }
            // A comment more is counted where the page shows its thread.
            events.extend(root.map(|root| view_item(node, root)).transpose()?.flatten());
            events
        }
        NodeEvent::Text { id } => vec![("text", json!({ "id": id }))],
        NodeEvent::Work { job, percent } => {
            vec![("work", json!({ "job": job, "percent": percent }))]
        }
        NodeEvent::Unreadable { .. } | NodeEvent::Twin { .. } | NodeEvent::Sync { .. } => {
            Vec::new()
        }
    })
}

/// An item as it stands now.
pub(crate) fn view_item(node: &Node, id: Infohash) -> Result<Option<ViewEvent>, NodeError> {
    Ok(one(node, id)?.map(|item| {
        let mut update = json!(item.update(Strings::english(), now()));
        // A page that was made before the text came offers to show it.
        update["readable"] = matches!(item.text, Text::Known(_)).into();
        ("item", update)
    }))
}

/// The line below every page as it stands now.
pub(crate) async fn view_status(node: &Node) -> Result<ViewEvent, NodeError> {
    let status = shown_status(&node.status().await?);
    Ok(("status", json!({ "show": status.show(Strings::english()) })))
}
