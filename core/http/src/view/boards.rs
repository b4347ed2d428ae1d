//! The page of boards, and joining them.

use axum::{Form, response::Response};
use serde::Deserialize;
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_node::{TopQuery, now};
use upseed_view::{
    Flash,
    boards::{self, BoardsPage},
};

use super::{
    form::{Token, back_to, check},
    reader::{Loaded, Reader},
    refusal::refused,
    response::{PageResult, html},
};

pub(super) async fn boards(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    shown(&page, String::new(), None).await
}

/// `typed` is what could not be joined, `error` why.
async fn shown(page: &Loaded, typed: String, error: Option<String>) -> Result<Response, Response> {
    let people: Vec<_> = page.people().collect();
    let joined = page.joined().to_vec();
    let content = page.node().blocking(move |node| {
        let mut rows = Vec::new();
        for (name, people, syncing) in people {
            let newest = node.top(&TopQuery {
                boards: vec![name],
                window: Window::All,
                sort: Sort::New,
                limit: 1,
                now: now(),
                hidden: false,
                texts: false,
                known: None,
            })?;
            rows.push(boards::BoardRow {
                name,
                people,
                items: node.posts(&name)? as u32,
                newest: newest.first().map(|row| row.item.time()),
                syncing,
            });
        }
        let mut seen: Vec<_> = node.boards_of_people()?;
        seen.retain(|(name, _)| !joined.contains(name));
        Ok(BoardsPage { joined: rows, seen, typed, error })
    });
    let content = content.await.map_err(refused)?;
    Ok(html(boards::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct BoardForm {
    #[serde(flatten)]
    token: Token,
    join: Option<String>,
    leave: Option<BoardName>,
}

pub(super) async fn change(reader: Reader, Form(form): Form<BoardForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    if let Some(board) = form.leave {
        let left = reader.node().blocking(move |node| node.leave(board));
        left.await.map_err(refused)?;
        return Ok(back_to(reader.links(), &form.token.back, Some(Flash::Left)));
    }
    let typed = form.join.unwrap_or_default();
    match typed.trim().parse::<BoardName>() {
        Ok(board) => {
            let joined = reader.node().blocking(move |node| node.join(board, &[]));
            joined.await.map_err(refused)?;
            Ok(back_to(reader.links(), &form.token.back, Some(Flash::Joined)))
        }
        Err(error) => {
            let page = reader.at("boards").load().await?;
            shown(&page, typed, Some(error.to_string())).await
        }
    }
}
