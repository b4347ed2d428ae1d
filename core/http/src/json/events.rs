//! Changes as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::sse::{Event, KeepAlive, Sse},
};
use tokio::sync::{Semaphore, broadcast::error::RecvError, mpsc};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use upseed_api::{Event as Change, EventsQuery};
use upseed_model::Infohash;
use upseed_node::{Node, NodeEvent, now};

use crate::{
    access::Access,
    extract::InQuery,
    frames::FrameToken,
    server::Server,
    view::live::{ViewEvent, view_event, view_item, view_status},
    wire,
};

/// Events that may wait for one listener; a slower one misses some and is told so.
const BUFFER: usize = 64;

/// Listeners for whom the store is read at the same time: each would take a thread of its own, and hundreds
/// hear of a change at once.
static READING: Semaphore = Semaphore::const_new(4);

/// Items that a listener may ask about at its start.
const MAX_SHOWN: usize = 60;

/// Between two looks at how the node stands.
const STATUS: Duration = Duration::from_secs(5);

type Headers = [(HeaderName, HeaderValue); 2];

const HEADERS: Headers = [
    // nginx keeps an answer back until it has a good piece of it, but for one that says so.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    // A stream that ended leaves its place to others at once.
    (header::CONNECTION, HeaderValue::from_static("close")),
];

/// Every change from now on, as JSON; and again under a name of its own, in the words of an open
/// page. A listener that fell behind hears `missed` and should ask again.
pub(super) async fn events(
    State(server): State<Server>,
    Extension(access): Extension<Access>,
    frame: Option<Extension<FrameToken>>,
    InQuery(listening): InQuery<EventsQuery>,
) -> (Headers, Sse<impl Stream<Item = Result<Event, Infallible>>>) {
    let shown = listening.ids.split(',').take(MAX_SHOWN).filter_map(|id| id.parse().ok()).collect();
    let (listener, events) = mpsc::channel(BUFFER);
    let frame = frame.map(|Extension(token)| token);
    let session = frame.as_ref().map_or("", |token| token.0.as_str());
    let closed = (access != Access::Owner).then(|| server.streams().open(session));
    tokio::spawn(async move {
        let told = tell(server, shown, listening.since, frame, listener);
        match closed {
            Some(closed) => tokio::select! { () = told => {}, _ = closed => {} },
            None => told.await,
        }
    });
    (HEADERS, Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::default()))
}

/// Ends with the listener or the node: an open event stream must not keep the node from stopping.
async fn tell(
    server: Server,
    shown: Vec<Infohash>,
    since: Option<u64>,
    frame: Option<FrameToken>,
    listener: mpsc::Sender<Result<Event, Infallible>>,
) {
    let node = server.node();
    let mut changes = node.events();
    let items = node.blocking(move |node| {
        shown.into_iter().map(|id| view_item(node, id)).collect::<Result<Vec<_>, _>>()
    });
    for item in items.await.unwrap_or_default().into_iter().flatten() {
        if listener.send(Ok(named(&item))).await.is_err() {
            return;
        }
    }
    if let Some(since) = since {
        for event in missed(node, since).await {
            if listener.send(Ok(event)).await.is_err() {
                return;
            }
        }
    }
    let mut looks = tokio::time::interval(STATUS);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut status = None;
    loop {
        let change = tokio::select! {
            () = node.stopped() => return,
            () = listener.closed() => return,
            change = changes.recv() => change,
            _ = looks.tick() => {
                // As long as the page is open its token is good.
                if let Some(token) = &frame {
                    server.frames().used(&token.0, now());
                }
                // Never closed.
                let turn = READING.acquire().await;
                let stands = view_status(node).await.ok();
                drop(turn);
                if stands != status && let Some(stands) = &stands
                    && listener.send(Ok(named(stands))).await.is_err() {
                    return;
                }
                status = stands;
                continue;
            }
        };
        let told = match change {
            Ok(change) => described(node, change).await,
            Err(RecvError::Lagged(_)) => vec![too_much()],
            Err(RecvError::Closed) => return,
        };
        for event in told {
            if listener.send(Ok(event)).await.is_err() {
                return;
            }
        }
    }
}

/// It has no maps whose keys could not be written.
fn json(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_default()
}

fn too_much() -> Event {
    Event::default().data(json(&Change::Missed))
}

/// What came between the page and its listening. (Listening has begun already: an item may be told
/// twice, and none is left out.)
async fn missed(node: &Node, since: u64) -> Vec<Event> {
    let most = MAX_SHOWN as u32;
    let came = node.blocking(move |node| node.items_after(since, most + 1));
    let came = came.await.unwrap_or_default();
    if came.len() > MAX_SHOWN {
        return vec![too_much()];
    }
    let mut told = Vec::new();
    for item in came {
        let (id, board) = (item.infohash(), item.board());
        let root = item.root().map(|root| root.infohash);
        told.extend(described(node, NodeEvent::Item { id, board, root }).await);
    }
    told
}

async fn described(node: &Node, change: NodeEvent) -> Vec<Event> {
    let plain = Event::default().data(json(&wire::event(&change)));
    let turn = READING.acquire().await;
    let shown = node.blocking(move |node| view_event(node, &change)).await.unwrap_or_default();
    drop(turn);
    std::iter::once(plain).chain(shown.iter().map(named)).collect()
}

fn named((name, data): &ViewEvent) -> Event {
    Event::default().event(name).data(data.to_string())
}
