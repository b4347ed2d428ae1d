//! People: who they are, whom the user follows, and whom they do not want to read.

use axum::{Json, extract::State, http::StatusCode};
use upseed_api::{
    FollowRequest, MuteRequest, PeopleRequest, Person, Profile, ProfileQuery, ProfileRequest,
};
use upseed_model::PublicKey;
use upseed_node::{Node, NodeError};

use crate::{
    error::{ApiResult, HttpError},
    extract::{InBody, InQuery},
    named,
    server::Server,
    view::context::ViewContext,
    wire,
};

/// People of one call at most.
const MOST: usize = 1_000;

pub(super) async fn people(
    State(server): State<Server>,
    InBody(PeopleRequest { who }): InBody<PeopleRequest>,
) -> ApiResult<Vec<Person>> {
    if who.len() > MOST {
        return Err(HttpError::new(StatusCode::BAD_REQUEST, "at most 1,000 people at once"));
    }
    let people = server.node().blocking(move |node| {
        let mut context = ViewContext::open(node)?;
        let mut people = Vec::with_capacity(who.len());
        for text in who {
            people.push(wire::person(context.person(named::person_of(node, &text)?)?));
        }
        Ok(people)
    });
    Ok(Json(people.await?))
}

pub(super) async fn profile(
    State(server): State<Server>,
    InQuery(ProfileQuery { who }): InQuery<ProfileQuery>,
) -> ApiResult<Profile> {
    let shown = server.node().blocking(move |node| {
        let key = match who {
            Some(text) => Some(named::person_of(node, &text)?),
            None => node.identity().public(),
        };
        said(node, key)
    });
    Ok(Json(shown.await?))
}

pub(super) async fn say(
    State(server): State<Server>,
    InBody(request): InBody<ProfileRequest>,
) -> ApiResult<Profile> {
    let node = server.node();
    let before = node.blocking(|node| said(node, node.identity().public())).await?;
    let (name, about) =
        (request.name.unwrap_or(before.name), request.about.unwrap_or(before.about));
    node.set_profile(name, about).await?;
    Ok(Json(node.blocking(|node| said(node, node.identity().public())).await?))
}

/// What somebody says about themselves; nothing without a key.
fn said(node: &Node, key: Option<PublicKey>) -> Result<Profile, NodeError> {
    let Some(key) = key else { return Ok(wire::profile(None, upseed_node::Profile::default())) };
    let person = ViewContext::open(node)?.person(key)?;
    let profile = node.profile_of(&person.key)?;
    Ok(wire::profile(Some(person), profile))
}

pub(super) async fn follows(State(server): State<Server>) -> ApiResult<Vec<PublicKey>> {
    Ok(Json(server.node().blocking(|node| node.follows()).await?))
}

pub(super) async fn follow(
    State(server): State<Server>,
    InBody(FollowRequest { key, follow }): InBody<FollowRequest>,
) -> ApiResult<Vec<PublicKey>> {
    let followed = server.node().blocking(move |node| {
        let key = named::person_of(node, &key)?;
        node.follow(key, follow)
    });
    Ok(Json(followed.await?))
}

pub(super) async fn mutes(State(server): State<Server>) -> ApiResult<Vec<PublicKey>> {
    Ok(Json(server.node().blocking(|node| node.mutes()).await?))
}

pub(super) async fn mute(
    State(server): State<Server>,
    InBody(MuteRequest { key, mute }): InBody<MuteRequest>,
) -> ApiResult<Vec<PublicKey>> {
    let muted = server.node().blocking(move |node| {
        let key = named::person_of(node, &key)?;
        node.mute(&key, mute)
    });
    muted.await?;
    mutes(State(server)).await
}
