//! Starter lists.

use axum::{Json, extract::State};
use upseed_api::{
    FollowStarterRequest, StarterList, StarterRequest, StartersQuery, WithdrawStarterRequest,
};
use upseed_model::{PublicKey, RecordError, text::ListName};
use upseed_node::{Node, NodeError};

use crate::{
    error::ApiResult,
    extract::{InBody, InQuery},
    named,
    server::Server,
    wire,
};

pub(super) async fn starters(
    State(server): State<Server>,
    InQuery(query): InQuery<StartersQuery>,
) -> ApiResult<Vec<StarterList>> {
    let lists = server.node().blocking(move |node| match query.mine {
        true => {
            let mut mine = node.my_starter_lists()?;
            mine.retain(|list| query.board.is_none_or(|board| list.boards.contains(&board)));
            Ok(mine)
        }
        false => node.starter_lists(query.board),
    });
    Ok(Json(lists.await?.into_iter().map(wire::starter_list).collect()))
}

pub(super) async fn publish(
    State(server): State<Server>,
    InBody(request): InBody<StarterRequest>,
) -> ApiResult<StarterList> {
    let StarterRequest { name, board, people } = request;
    let name: ListName = name.parse().map_err(RecordError::from).map_err(NodeError::from)?;
    let list = server
        .node()
        .blocking(move |node| node.publish_starter_list(&name, board, keys(node, &people)?));
    Ok(Json(wire::starter_list(list.await?)))
}

pub(super) async fn withdraw(
    State(server): State<Server>,
    InBody(request): InBody<WithdrawStarterRequest>,
) -> ApiResult<Vec<StarterList>> {
    server.node().blocking(move |node| node.withdraw_starter_list(request.board)).await?;
    starters(State(server), InQuery(StartersQuery { board: None, mine: true })).await
}

pub(super) async fn follow(
    State(server): State<Server>,
    InBody(request): InBody<FollowStarterRequest>,
) -> ApiResult<Vec<PublicKey>> {
    let FollowStarterRequest { list, people } = request;
    let followed = server.node().blocking(move |node| {
        let people = people.map(|people| keys(node, &people)).transpose()?;
        node.follow_list(&list, people.as_deref())
    });
    Ok(Json(followed.await?))
}

fn keys(node: &Node, people: &[String]) -> Result<Vec<PublicKey>, NodeError> {
    people.iter().map(|text| named::person_of(node, text)).collect()
}
