//! The routes below `/upseed/api/v1/`.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinHandle, time::Instant};
use upseed_model::{
    BoardName, Infohash, PublicKey,
    rank::{Sort, Window},
    text::Title,
};
use upseed_store::TopQuery;
use zeroize::Zeroizing;

use super::{
    events,
    json::{ItemJson, ReplyJson, nest},
};
use crate::http::answer::{Answer, ApiError, InBody, InBytes, InPath, InQuery};
use crate::{Kind, NewComment, NewPost, Node, NodeError, Reference, Status, clock::now};

/// Longest that a request may wait for a text or for hosting, in seconds.
const MAX_WAIT: u64 = 600;

/// Items in one list at most, and comments in one thread.
const MAX_LIST: u32 = 1_000;
const MAX_COMMENTS: u32 = 10_000;

/// Bytes of texts in one thread, besides those of its first item.
const MAX_TEXTS: u64 = 8 << 20;

/// Items of one call that are looked for at the same time. There are 64 places for fetches.
const LOOKED_FOR: usize = 32;

pub(crate) fn router() -> Router<Node> {
    Router::new()
        .route("/status", get(status))
        .route("/top", get(top))
        .route("/thread", get(thread))
        .route("/item", get(item))
        .route("/posts", post(new_post))
        .route("/comments", post(new_comment))
        .route("/votes", post(votes))
        .route("/boards", get(boards).post(join))
        .route("/boards/{board}/leave", post(leave))
        .route("/follows", get(follows).post(follow))
        .route("/mutes", get(mutes).post(mute))
        .route("/search", get(search))
        .route("/inbox", get(inbox))
        .route("/why", get(why))
        .route("/torrents", post(import))
        .route("/torrents/{id}", get(export))
        .route("/identity", get(identity))
        .route("/identity/restore", post(restore))
        .route("/events", get(events::events))
        .route("/links", post(link))
        .route("/feed", post(feed))
        .route("/stop", post(stop))
}

async fn status(State(node): State<Node>) -> Answer<Status> {
    Ok(Json(node.status().await?))
}

#[derive(Deserialize)]
struct TopParams {
    board: Option<BoardName>,
    window: Option<Window>,
    sort: Option<Sort>,
    limit: Option<u32>,
    #[serde(default)]
    skip: u32,
}

async fn top(
    State(node): State<Node>,
    InQuery(params): InQuery<TopParams>,
) -> Answer<Vec<ItemJson>> {
    let rows = node.blocking(move |node| {
        let joined = node.inner.store.boards()?.into_iter().map(|row| row.name);
        let boards: Vec<_> = match params.board {
            Some(board) => joined.filter(|name| *name == board).collect(),
            None => joined.collect(),
        };
        if let (Some(board), []) = (params.board, boards.as_slice()) {
            return Err(NodeError::NotJoined(board));
        }
        let limit = params.limit.unwrap_or(50).min(MAX_LIST);
        let skip = params.skip.min(MAX_LIST);
        let query = TopQuery {
            boards,
            window: params.window.unwrap_or(Window::Day),
            sort: params.sort.unwrap_or(Sort::Top),
            limit: limit + skip,
            now: now(),
            hidden: false,
            texts: true,
        };
        let mut rows = node.inner.store.top(&query)?;
        rows.drain(..rows.len().min(skip as usize));
        for row in &rows {
            node.inner.looked_at.shown(row.item.infohash());
        }
        Ok(rows)
    });
    Ok(Json(rows.await?.into_iter().map(Into::into).collect()))
}

#[derive(Deserialize)]
struct ItemParams {
    /// An infohash or a magnet link.
    id: String,
    /// Seconds to wait for what is not here yet.
    #[serde(default)]
    wait: u64,
}

impl ItemParams {
    fn reference(&self) -> Result<Reference, NodeError> {
        Ok(self.id.parse::<Reference>()?)
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(self.wait.min(MAX_WAIT))
    }
}

async fn item(State(node): State<Node>, InQuery(params): InQuery<ItemParams>) -> Answer<ItemJson> {
    let reference = params.reference()?;
    let row = node.read(&reference, params.patience()).await?;
    node.inner.looked_at.shown(row.item.infohash());
    Ok(Json(row.into()))
}

async fn thread(
    State(node): State<Node>,
    InQuery(params): InQuery<ItemParams>,
) -> Answer<ReplyJson> {
    let reference = params.reference()?;
    let top = node.find(&reference, params.patience()).await?;
    if top.text.is_none() && !top.dead && params.wait > 0 {
        // The thread is shown with or without its first text.
        let _ = node.read(&reference, params.patience()).await;
    }
    let (id, work) = (top.item.infohash(), top.item.work());
    let tree = node
        .blocking(move |node| {
            let store = &node.inner.store;
            let top = store.item_by_work(&work)?.ok_or(NodeError::UnknownItem(id))?;
            if !top.placed {
                return Err(NodeError::Unplaced("the thread that it belongs to is not known here"));
            }
            let mut rows = store.thread(&work, MAX_COMMENTS, MAX_TEXTS)?.into_iter();
            let top = rows.next().ok_or(NodeError::UnknownItem(id))?;
            Ok(nest(top, rows))
        })
        .await?;
    Ok(Json(tree))
}

#[derive(Deserialize)]
struct PostBody {
    board: BoardName,
    title: String,
    text: String,
}

async fn new_post(State(node): State<Node>, InBody(body): InBody<PostBody>) -> Answer<ItemJson> {
    let title: Title =
        body.title.parse().map_err(upseed_model::RecordError::from).map_err(NodeError::from)?;
    let post = NewPost { board: body.board, title, text: body.text.into_bytes() };
    let item = node.post(post).await?;
    Ok(Json(written(&node, item.infohash()).await?))
}

#[derive(Deserialize)]
struct CommentBody {
    parent: String,
    text: String,
}

async fn new_comment(
    State(node): State<Node>,
    InBody(body): InBody<CommentBody>,
) -> Answer<ItemJson> {
    let parent: Reference = body.parent.parse().map_err(NodeError::from)?;
    let comment = NewComment { parent: parent.infohash, text: body.text.into_bytes() };
    let item = node.comment(comment).await?;
    Ok(Json(written(&node, item.infohash()).await?))
}

async fn written(node: &Node, id: Infohash) -> Result<ItemJson, NodeError> {
    Ok(node.find(&id.into(), Duration::ZERO).await?.into())
}

#[derive(Deserialize)]
struct VotesBody {
    /// Infohashes or magnet links.
    ids: Vec<String>,
    up: bool,
    /// Seconds to wait for an unknown item, and for hosting if asked.
    #[serde(default)]
    wait: u64,
    /// Whether to return only once the client hosts.
    #[serde(default)]
    until_hosted: bool,
}

#[derive(Serialize)]
struct VoteAnswer {
    id: String,
    /// Whether the vote is as it was asked.
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<ItemJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Whether it failed by a fault of ours.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    fault: bool,
}

async fn votes(
    State(node): State<Node>,
    InBody(body): InBody<VotesBody>,
) -> Answer<Vec<VoteAnswer>> {
    if body.ids.len() > MAX_LIST as usize {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "at most 1,000 items at once"));
    }
    // All of them share one patience.
    let deadline = Instant::now() + Duration::from_secs(body.wait.min(MAX_WAIT));
    let places = Arc::new(Semaphore::new(LOOKED_FOR));
    let votes: Vec<_> = body
        .ids
        .into_iter()
        .map(|id| {
            let (node, places) = (node.clone(), places.clone());
            AbortOnDrop(tokio::spawn(async move {
                let _place = places.acquire().await;
                let voted = vote(&node, &id, body.up, deadline, body.until_hosted).await;
                VoteAnswer::new(id, voted)
            }))
        })
        .collect();
    let mut answers = Vec::new();
    for mut vote in votes {
        let answer = (&mut vote.0).await;
        answers.push(answer.map_err(|error| NodeError::Fault(error.to_string()))?);
    }
    Ok(Json(answers))
}

/// A task that ends with who waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl VoteAnswer {
    fn new(id: String, voted: Result<ItemJson, NodeError>) -> Self {
        match voted {
            Ok(item) => {
                Self { id, done: true, item: Some(item), error: None, hint: None, fault: false }
            }
            Err(error) => Self {
                id,
                done: false,
                item: None,
                error: Some(error.to_string()),
                hint: error.hint(),
                fault: error.kind() == Kind::Fault,
            },
        }
    }
}

async fn vote(
    node: &Node,
    id: &str,
    up: bool,
    deadline: Instant,
    until_hosted: bool,
) -> Result<ItemJson, NodeError> {
    let reference: Reference = id.parse()?;
    let left = || deadline.saturating_duration_since(Instant::now());
    let row = node.find(&reference, left()).await?;
    node.vote(row.item.work(), up).await?;
    if until_hosted && up {
        node.wait_hosted(row.item.infohash(), left()).await?;
    }
    written(node, row.item.infohash()).await
}

async fn boards(State(node): State<Node>) -> Answer<Vec<crate::BoardStatus>> {
    Ok(Json(node.status().await?.boards))
}

#[derive(Deserialize)]
struct JoinBody {
    board: BoardName,
    #[serde(default)]
    trackers: Vec<String>,
}

async fn join(
    State(node): State<Node>,
    InBody(body): InBody<JoinBody>,
) -> Answer<Vec<crate::BoardStatus>> {
    node.blocking(move |node| node.join(body.board, &body.trackers)).await?;
    boards(State(node)).await
}

async fn leave(
    State(node): State<Node>,
    InPath(board): InPath<BoardName>,
) -> Answer<Vec<crate::BoardStatus>> {
    node.blocking(move |node| node.leave(board)).await?;
    boards(State(node)).await
}

#[derive(Deserialize)]
struct FollowBody {
    key: PublicKey,
    follow: bool,
}

async fn follows(State(node): State<Node>) -> Answer<Vec<PublicKey>> {
    Ok(Json(node.blocking(|node| node.follows()).await?))
}

async fn follow(
    State(node): State<Node>,
    InBody(body): InBody<FollowBody>,
) -> Answer<Vec<PublicKey>> {
    Ok(Json(node.blocking(move |node| node.follow(body.key, body.follow)).await?))
}

#[derive(Deserialize)]
struct MuteBody {
    key: PublicKey,
    mute: bool,
}

async fn mutes(State(node): State<Node>) -> Answer<Vec<PublicKey>> {
    Ok(Json(node.blocking(|node| Ok(node.inner.store.mutes()?)).await?))
}

async fn mute(State(node): State<Node>, InBody(body): InBody<MuteBody>) -> Answer<Vec<PublicKey>> {
    let done = node.blocking(move |node| {
        let store = &node.inner.store;
        if body.mute {
            store.mute(&body.key, now())?
        } else {
            store.unmute(&body.key)?
        }
        Ok(())
    });
    done.await?;
    mutes(State(node)).await
}

#[derive(Deserialize)]
struct SearchParams {
    q: String,
    board: Option<BoardName>,
    limit: Option<u32>,
}

async fn search(
    State(node): State<Node>,
    InQuery(params): InQuery<SearchParams>,
) -> Answer<Vec<ItemJson>> {
    let limit = params.limit.unwrap_or(25).min(MAX_LIST);
    let rows = node.blocking(move |node| {
        Ok(node.inner.store.search(&params.q, params.board.as_ref(), 0, limit)?)
    });
    Ok(Json(rows.await?.into_iter().map(Into::into).collect()))
}

async fn inbox(State(node): State<Node>) -> Answer<Vec<ItemJson>> {
    let rows = node.blocking(|node| Ok(node.inner.store.inbox(100)?)).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// The parts of a score.
#[derive(Serialize)]
struct WhyAnswer {
    id: Infohash,
    score: f64,
    /// Voters whom nobody that the user follows leads to, and what they add together.
    strangers: u32,
    strangers_add: f64,
    follows_nobody: bool,
}

async fn why(State(node): State<Node>, InQuery(params): InQuery<ItemParams>) -> Answer<WhyAnswer> {
    let row = node.find(&params.reference()?, params.patience()).await?;
    let follows = node.blocking(|node| node.follows()).await?;
    Ok(Json(WhyAnswer {
        id: row.item.infohash(),
        score: row.score,
        strangers: row.votes,
        strangers_add: row.score,
        follows_nobody: follows.is_empty(),
    }))
}

async fn import(State(node): State<Node>, InBytes(body): InBytes) -> Answer<ItemJson> {
    let item = node.import(body.to_vec()).await?;
    Ok(Json(written(&node, item.infohash()).await?))
}

async fn export(
    State(node): State<Node>,
    InPath(id): InPath<Infohash>,
) -> Result<impl IntoResponse, ApiError> {
    let torrent = node.export(id).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-bittorrent")], torrent))
}

#[derive(Serialize)]
struct IdentityAnswer {
    /// Hex; null before the first thing was written.
    author: Option<PublicKey>,
    /// The form for people.
    name: Option<String>,
}

fn identity_answer(key: Option<PublicKey>) -> Json<IdentityAnswer> {
    Json(IdentityAnswer { author: key, name: key.map(|key| key.to_string()) })
}

async fn identity(State(node): State<Node>) -> Answer<IdentityAnswer> {
    Ok(identity_answer(node.identity().public()))
}

#[derive(Deserialize)]
struct RestoreBody {
    phrase: Zeroizing<String>,
    #[serde(default)]
    replace: bool,
}

async fn restore(
    State(node): State<Node>,
    InBody(body): InBody<RestoreBody>,
) -> Answer<IdentityAnswer> {
    let key = node.blocking(move |node| node.restore(&body.phrase, body.replace)).await?;
    Ok(identity_answer(Some(key)))
}

#[derive(Serialize)]
struct LinkAnswer {
    /// Opens the view, once.
    link: String,
}

/// The feeds' read-only token; made if there is none.
async fn feed(State(node): State<Node>) -> Answer<serde_json::Value> {
    let token = node.blocking(|node| node.inner.sessions.feed_or_new(&node.inner.store));
    Ok(Json(serde_json::json!({ "token": token.await?.as_str() })))
}

async fn link(State(node): State<Node>) -> Answer<LinkAnswer> {
    Ok(Json(LinkAnswer { link: node.one_time_link()? }))
}

async fn stop(State(node): State<Node>) -> StatusCode {
    tokio::spawn(async move { node.stop().await });
    StatusCode::NO_CONTENT
}
