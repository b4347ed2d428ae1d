//! What came since the reader last looked at a list or a thread.

use axum::{Form, Json, response::IntoResponse as _};
use serde::Deserialize;
use serde_json::json;
use upseed_model::{BoardName, Infohash};
use upseed_node::{Node, NodeError, now};

use super::{
    form::{Token, check, failed},
    reader::Reader,
    response::PageResult,
};

/// A page that is looked at again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visited {
    /// The list of all boards.
    Front,
    /// The list of one board.
    Board(BoardName),
    /// A thread.
    Thread(Infohash),
}

impl Visited {
    /// The page's name, as its address has it.
    pub fn name(&self) -> String {
        match self {
            Self::Front => String::new(),
            Self::Board(board) => format!("b/{board}"),
            Self::Thread(id) => format!("t/{id}"),
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name.split_once('/') {
            None if name.is_empty() => Some(Self::Front),
            Some(("b", board)) => board.parse().ok().map(Self::Board),
            Some(("t", id)) => id.parse().ok().map(Self::Thread),
            _ => None,
        }
    }

    /// Before what everything was seen, in unix seconds; on a first visit nothing is marked.
    pub fn before(&self, node: &Node) -> Result<u64, NodeError> {
        Ok(node.view_settings().visited(&self.name())?.unwrap_or(u64::MAX))
    }
}

#[derive(Deserialize)]
pub(super) struct SeenForm {
    #[serde(flatten)]
    token: Token,
    #[serde(default)]
    page: String,
}

/// The reader looks at a page now: its script says so, for a GET changes nothing.
pub(super) async fn seen(reader: Reader, Form(form): Form<SeenForm>) -> PageResult {
    check(&reader, &form.token.page_token, true)?;
    let unknown = || NodeError::Input(format!("{:?} is no list and no thread", form.page));
    let page = Visited::named(&form.page).ok_or_else(|| failed(unknown(), true))?;
    let visit = move |node: &Node| node.view_settings().visit(&page.name(), now());
    reader.node().blocking(visit).await.map_err(|error| failed(error, true))?;
    Ok(Json(json!({})).into_response())
}

#[cfg(test)]
mod tests {
    use super::Visited;

    #[test]
    fn only_lists_and_threads_are_visited() {
        for name in ["", "b/garden", "t/00112233445566778899aabbccddeeff00112233"] {
            assert_eq!(Visited::named(name).map(|page| page.name()).as_deref(), Some(name));
        }
        for name in ["me", "b/NO", "t/1", "x/y", "/"] {
            assert_eq!(Visited::named(name), None, "{name}");
        }
    }
}
