//! Changes as server-sent events.

use std::convert::Infallible;

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::{Stream, wrappers::ReceiverStream};

use crate::{Node, NodeEvent, web::view_event};

/// Events that may wait for one listener; a slower one misses some and is told so.
const BUFFER: usize = 64;

/// Every change from now on, as JSON; and again under a name of its own, in the words of an open
/// page. A listener that fell behind hears `missed` and should ask again.
pub(super) async fn events(
    State(node): State<Node>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (listener, events) = mpsc::channel(BUFFER);
    tokio::spawn(tell(node, listener));
    Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::default())
}

/// Ends with the listener or the node: an open event stream must not keep the node from stopping.
async fn tell(node: Node, listener: mpsc::Sender<Result<Event, Infallible>>) {
    let mut changes = node.events();
    loop {
        let change = tokio::select! {
            () = node.stopped() => return,
            () = listener.closed() => return,
            change = changes.recv() => change,
        };
        let told = match change {
            Ok(change) => described(&node, change).await,
            Err(RecvError::Lagged(_)) => vec![Event::default().data("{\"event\":\"missed\"}")],
            Err(RecvError::Closed) => return,
        };
        for event in told {
            if listener.send(Ok(event)).await.is_err() {
                return;
            }
        }
    }
}

async fn described(node: &Node, change: NodeEvent) -> Vec<Event> {
    let plain = serde_json::to_string(&change).ok().map(|json| Event::default().data(json));
    let shown = node.blocking(move |node| view_event(node, &change)).await.ok().flatten();
    let named = shown.map(|(name, data)| Event::default().event(name).data(data.to_string()));
    plain.into_iter().chain(named).collect()
}
