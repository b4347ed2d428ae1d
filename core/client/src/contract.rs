//! What every client must do, as one suite that each backend passes.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use upseed_model::Infohash;

use crate::{Client, Hosted, Offer, Owner};

/// How long a client may take for anything; only a failing one uses it up.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the whole suite with at least four items; says what the client did wrong. `owner` is an
/// engine that hosts the items, for clients that share no folder with this machine.
pub async fn suite(client: &dyn Client, items: &[Offer], owner: &Owner) -> Result<(), String> {
    assert!(items.len() >= 4, "the suite needs four items");
    it_is_described(client).await?;
    what_is_added_seeds(client, &items[..1], owner).await?;
    adding_twice_is_adding_once(client, &items[..1], owner).await?;
    many_are_added_together(client, &items[1..], owner).await?;
    what_is_removed_is_gone(client, &items[..1]).await?;
    removing_twice_is_removing_once(client, &items[..1]).await?;
    the_others_stay(client, &items[1..]).await?;
    what_was_removed_can_come_back(client, &items[..1], owner).await?;
    let all: Vec<_> = items.iter().map(Offer::infohash).collect();
    client.remove(&all).await.map_err(|error| error.to_string())?;
    until(client, "everything is removed", |hosted| {
        all.iter().all(|id| hosted.iter().all(|h| h.infohash != *id))
    })
    .await
}

async fn it_is_described(client: &dyn Client) -> Result<(), String> {
    let description = client.describe().await.map_err(|error| error.to_string())?;
    check(description.online, "it describes itself as online")?;
    check(!description.version.is_empty(), "it names its version")
}

async fn add(client: &dyn Client, items: &[Offer], owner: &Owner) -> Result<(), String> {
    let results = client.add(items, owner).await.map_err(|error| error.to_string())?;
    check(results.len() == items.len(), "each item has a result")?;
    results.into_iter().try_for_each(|result| result.map_err(|error| error.to_string()))
}

async fn what_is_added_seeds(
    client: &dyn Client,
    items: &[Offer],
    owner: &Owner,
) -> Result<(), String> {
    add(client, items, owner).await?;
    seeding(client, items).await
}

async fn adding_twice_is_adding_once(
    client: &dyn Client,
    items: &[Offer],
    owner: &Owner,
) -> Result<(), String> {
    add(client, items, owner).await?;
    seeding(client, items).await?;
    let hosted = client.hosted().await.map_err(|error| error.to_string())?;
    let count = hosted.iter().filter(|h| h.infohash == items[0].infohash()).count();
    check(count == 1, "an item that was added twice is there once")
}

async fn many_are_added_together(
    client: &dyn Client,
    items: &[Offer],
    owner: &Owner,
) -> Result<(), String> {
    add(client, items, owner).await?;
    seeding(client, items).await
}

async fn what_is_removed_is_gone(client: &dyn Client, items: &[Offer]) -> Result<(), String> {
    let id = items[0].infohash();
    client.remove(&[id]).await.map_err(|error| error.to_string())?;
    until(client, "a removed item is gone", |hosted| hosted.iter().all(|h| h.infohash != id)).await
}

async fn removing_twice_is_removing_once(
    client: &dyn Client,
    items: &[Offer],
) -> Result<(), String> {
    let never_there = Infohash::from_bytes([0xab; 20]);
    client
        .remove(&[items[0].infohash(), never_there])
        .await
        .map_err(|error| format!("removing what is not there: {error}"))
}

async fn the_others_stay(client: &dyn Client, items: &[Offer]) -> Result<(), String> {
    seeding(client, items).await
}

async fn what_was_removed_can_come_back(
    client: &dyn Client,
    items: &[Offer],
    owner: &Owner,
) -> Result<(), String> {
    add(client, items, owner).await?;
    seeding(client, items).await
}

async fn seeding(client: &dyn Client, items: &[Offer]) -> Result<(), String> {
    until(client, "every added item is complete", |hosted| {
        items
            .iter()
            .all(|offer| hosted.contains(&Hosted { infohash: offer.infohash(), complete: true }))
    })
    .await
}

async fn until(
    client: &dyn Client,
    what: &str,
    condition: impl Fn(&[Hosted]) -> bool,
) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let hosted = client.hosted().await.map_err(|error| error.to_string())?;
        if condition(&hosted) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("not within {PATIENCE:?}: {what}; it has {hosted:?}"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn check(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(format!("not so: {what}")) }
}
