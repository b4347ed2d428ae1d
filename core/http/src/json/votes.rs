//! Upvotes, many at once.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use tokio::{sync::Semaphore, task::JoinHandle, time::Instant};
use upseed_api::{Item, VoteOutcome, VoteRequest};
use upseed_node::{Kind, Node, NodeError};

use super::items::{current, patience};
use crate::{
    error::{ApiResult, HttpError},
    extract::InBody,
    named,
    server::Server,
};

/// Items of one call at most.
const MAX_VOTES: usize = 1_000;

/// Items of one call that are looked for at the same time. There are 64 places for fetches.
const LOOKED_FOR: usize = 32;

pub(super) async fn votes(
    State(server): State<Server>,
    InBody(request): InBody<VoteRequest>,
) -> ApiResult<Vec<VoteOutcome>> {
    if request.ids.len() > MAX_VOTES {
        return Err(HttpError::new(StatusCode::BAD_REQUEST, "at most 1,000 items at once"));
    }
    let VoteRequest { ids, up, wait, until_hosted } = request;
    // All of them share one patience.
    let deadline = Instant::now() + patience(wait);
    let places = Arc::new(Semaphore::new(LOOKED_FOR));
    let votes: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let (node, places) = (server.node().clone(), places.clone());
            AbortOnDrop(tokio::spawn(async move {
                let _place = places.acquire().await;
                let voted = vote(&node, &id, up, deadline, until_hosted).await;
                outcome(id, voted)
            }))
        })
        .collect();
    let mut outcomes = Vec::new();
    for mut vote in votes {
        let outcome = (&mut vote.0).await;
        outcomes.push(outcome.map_err(|error| NodeError::Fault(error.to_string()))?);
    }
    Ok(Json(outcomes))
}

/// A task that ends with who waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn outcome(id: String, voted: Result<Item, NodeError>) -> VoteOutcome {
    match voted {
        Ok(item) => {
            VoteOutcome { id, done: true, item: Some(item), error: None, hint: None, fault: false }
        }
        Err(error) => VoteOutcome {
            id,
            done: false,
            item: None,
            error: Some(error.to_string()),
            hint: error.hint(),
            fault: error.kind() == Kind::Fault,
        },
    }
}

async fn vote(
    node: &Node,
    id: &str,
    up: bool,
    deadline: Instant,
    until_hosted: bool,
) -> Result<Item, NodeError> {
    let reference = named::item(node, id).await?;
    let left = || deadline.saturating_duration_since(Instant::now());
    let row = node.find(&reference, left()).await?;
    node.vote(row.item.work(), up).await?;
    if until_hosted && up {
        node.wait_hosted(row.item.infohash(), left()).await?;
    }
    current(node, row.item.infohash()).await
}
