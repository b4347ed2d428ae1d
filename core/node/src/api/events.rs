//! Changes as server-sent events.

use std::convert::Infallible;

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use tokio_stream::{Stream, StreamExt as _, wrappers::BroadcastStream};

use crate::Node;

/// Every change from now on. A listener that fell behind hears `missed` and should ask again.
pub(super) async fn events(
    State(node): State<Node>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stopped = {
        let node = node.clone();
        async move { node.stopped().await }
    };
    let changes = BroadcastStream::new(node.events()).map(|change| {
        let json = change.ok().and_then(|change| serde_json::to_string(&change).ok());
        Ok(match json {
            Some(json) => Event::default().data(json),
            None => Event::default().data("{\"event\":\"missed\"}"),
        })
    });
    Sse::new(until(changes, stopped)).keep_alive(KeepAlive::default())
}

/// Ends a stream when a future completes: an open event stream must not keep the node from
/// stopping.
fn until<S: Stream>(
    stream: S,
    end: impl Future<Output = ()>,
) -> impl Stream<Item = S::Item> {
    let mut end = Box::pin(end);
    let mut stream = Box::pin(stream);
    let poll = move |context: &mut std::task::Context<'_>| {
        if end.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(None);
        }
        stream.as_mut().poll_next(context)
    };
    PollFn(poll)
}

struct PollFn<F>(F);

impl<T, F> Stream for PollFn<F>
where
    F: FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>> + Unpin,
{
    type Item = T;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<T>> {
        (self.0)(context)
    }
}
