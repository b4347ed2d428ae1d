//! Starter lists as the view shows them.

use upseed_model::BoardName;
use upseed_node::{Node, NodeError, StarterList};
use upseed_view::starters::{MyStarters, StarterRow};

use super::context::ViewContext;

/// One list.
pub(super) fn row(
    context: &mut ViewContext<'_>,
    list: StarterList,
) -> Result<StarterRow, NodeError> {
    Ok(StarterRow {
        id: list.id,
        name: list.name.to_string(),
        author: context.person(list.author)?,
        boards: list.boards,
        people: list.people.len() as u32,
    })
}

/// Lists for a reader who follows few people, at most so many.
pub(super) fn offered(
    node: &Node,
    context: &mut ViewContext<'_>,
    board: Option<BoardName>,
    most: usize,
) -> Result<Vec<StarterRow>, NodeError> {
    if !node.needs_starter_lists()? {
        return Ok(Vec::new());
    }
    let lists = node.starter_lists(board)?;
    lists.into_iter().take(most).map(|list| row(context, list)).collect()
}

/// The reader's own, and from whom they may choose.
pub(super) fn mine(node: &Node, context: &mut ViewContext<'_>) -> Result<MyStarters, NodeError> {
    let lists = node.my_starter_lists()?.into_iter().map(|list| row(context, list));
    let lists = lists.collect::<Result<_, _>>()?;
    let follows = node.follows()?.into_iter().map(|key| context.person(key));
    Ok(MyStarters { lists, follows: follows.collect::<Result<_, _>>()? })
}
