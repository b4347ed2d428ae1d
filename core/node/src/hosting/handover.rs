//! Giving items to those who shall host them.

use std::collections::HashSet;

use upseed_client::{Client, ClientKind, Offer};
use upseed_model::Infohash;
use upseed_store::TaskRow;
use upseed_store::hosting::{Effect, Happened};

use super::{budget, reconnection::connected};
use crate::{Node, NodeError, clock::now};

/// Hosts those whose text is here and gives them to the client, and looks for the text of the
/// others. Each task leaves the state in which it is due, so that the caller can go on with the
/// next ones.
pub(super) async fn hand_over(node: &Node, due: Vec<TaskRow>) -> Result<(), NodeError> {
    let ready = node.blocking(move |node| {
        let ready = node.with_texts(due)?;
        let older = match node.inner.external {
            Some(_) => Some(budget::older(node)?),
            None => None,
        };
        let is_external = |row: &TaskRow| older.as_ref().is_some_and(|it| !it.contains(&row.work));
        let (external, own): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|(row, _)| is_external(row));
        for (row, offer) in own {
            let hosted = node.inner.embedded.host(std::slice::from_ref(&offer));
            node.answered(&row.work, ClientKind::Embedded, hosted)?;
        }
        Ok(external)
    });
    let ready = ready.await?;
    let Some(external) = node.inner.external.as_ref().filter(|_| !ready.is_empty()) else {
        return Ok(());
    };
    let kind = external.describe().await?.kind;
    let ready = without_removed(node, external.as_ref(), kind, ready).await?;
    give(node, external.as_ref(), kind, ready).await
}

/// Gives these to the client, but for those whose vote was taken back just now.
async fn give(
    node: &Node,
    external: &dyn Client,
    kind: ClientKind,
    ready: Vec<(TaskRow, Offer)>,
) -> Result<(), NodeError> {
    let given = node.blocking(move |node| {
        let works: Vec<_> = ready.iter().map(|(row, _)| row.work).collect();
        let stepped = node.inner.store.step_tasks(&works, &Happened::Handing(kind), now())?;
        let given: HashSet<_> = stepped
            .iter()
            .filter(|stepped| stepped.effects.contains(&Effect::GiveToClient))
            .map(|stepped| stepped.work)
            .collect();
        Ok(ready.into_iter().filter(|(row, _)| given.contains(&row.work)).collect::<Vec<_>>())
    });
    let (rows, offers): (Vec<TaskRow>, Vec<Offer>) = given.await?.into_iter().unzip();
    if rows.is_empty() {
        return Ok(());
    }
    node.inner.embedded.host(&offers)?;
    let answers = match external.add(&offers, &node.owner()).await {
        Ok(answers) => answers,
        Err(error) => offers.iter().map(|_| Err(error.clone())).collect(),
    };
    node.blocking(move |node| {
        let mut answered = rows.iter().zip(answers);
        answered.try_for_each(|(row, answer)| node.answered(&row.work, kind, answer))
    })
    .await
}

/// What the client had is given again when it lacks the text, and not when it lacks the torrent: its user
/// removed it, while neither of us looked. Gives what is left.
async fn without_removed(
    node: &Node,
    external: &dyn Client,
    kind: ClientKind,
    mut ready: Vec<(TaskRow, Offer)>,
) -> Result<Vec<(TaskRow, Offer)>, NodeError> {
    let had = |row: &TaskRow| row.task.seeded && row.task.client == Some(kind);
    if !ready.iter().any(|(row, _)| had(row)) {
        return Ok(ready);
    }
    // One that does not answer is not given anything either, and that is told then.
    let Ok(hosted) = external.hosted().await else { return Ok(ready) };
    let there: HashSet<Infohash> = hosted.iter().map(|hosted| hosted.infohash).collect();
    let before = ready.len();
    ready.retain(|(row, _)| !had(row) || there.contains(&row.infohash));
    if ready.len() < before {
        connected(node, external).await?;
    }
    Ok(ready)
}
