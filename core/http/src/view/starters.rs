//! Starter lists: their pages, and what their forms do.

use std::collections::HashMap;

use axum::{Form, extract::Path};
use serde::Deserialize;
use upseed_model::{BoardName, PublicKey, RecordError, WorkId, text::ListName};
use upseed_node::NodeError;
use upseed_view::{
    Flash,
    starters::{self, StarterPage},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    me::again,
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
    starter_rows::row,
};

pub(super) async fn starter(reader: Reader, Path(list): Path<WorkId>) -> PageResult {
    let page = reader.load().await?;
    let content = page.node().blocking(move |node| {
        let mut context = ViewContext::open(node)?;
        let list = node.starter_list(&list)?;
        let people = list.people.iter().map(|key| context.person(*key));
        let people = people.collect::<Result<_, _>>()?;
        Ok(StarterPage { people, list: row(&mut context, list)? })
    });
    let content = content.await.map_err(refused)?;
    Ok(html(starters::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct StarterForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
    list: Option<WorkId>,
    name: Option<String>,
    board: Option<BoardName>,
    /// Keys in hex, for the boxes that are ticked.
    #[serde(flatten)]
    ticked: HashMap<String, String>,
}

pub(super) async fn change(reader: Reader, Form(form): Form<StarterForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let StarterForm { token, action, list, name, board, ticked } = form;
    let ticked: Vec<PublicKey> = ticked.keys().filter_map(|key| key.parse().ok()).collect();
    let done = reader.node().blocking(move |node| {
        match (action.as_str(), list, board) {
            ("follow", Some(list), _) => node.follow_list(&list, None)?,
            ("chosen", Some(list), _) => node.follow_list(&list, Some(&ticked))?,
            ("publish", _, Some(board)) => {
                let name = name.unwrap_or_default();
                let name: ListName = name.trim().parse().map_err(RecordError::from)?;
                node.publish_starter_list(&name, board, ticked)?;
                return Ok(Flash::Published);
            }
            ("withdraw", _, Some(board)) => {
                node.withdraw_starter_list(board)?;
                return Ok(Flash::Withdrawn);
            }
            _ => return Err(NodeError::Input(format!("{action:?} is nothing to do"))),
        };
        Ok(Flash::FollowedList)
    });
    match done.await {
        Ok(flash) => Ok(back_to(reader.links(), &token.back, Some(flash))),
        // What was typed on the reader's own page is refused there.
        Err(error) if token.back == "me" => again(reader, &error).await,
        Err(error) => Err(refused(error)),
    }
}
