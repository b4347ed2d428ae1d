//! What became of an item that was offered to the store.

use upseed_model::{
    SignedItem,
    limits::{HORIZON_DAYS, MAX_AHEAD},
    sync::day_of,
};
use upseed_store::{Class, StoreError};

use crate::store::RoomStore;

/// What to say of an item that is not to be taken yet.
pub fn too_early(item: &SignedItem, now: u64) -> Option<String> {
    (item.time() > now + MAX_AHEAD).then(|| {
        let time = item.time();
        format!("its time ({time}) lies in the future; is this machine's clock right?")
    })
}

/// What became of an item that was just offered to the store.
#[derive(Debug)]
pub enum Admission {
    /// It is here.
    Kept,
    /// The same item is here with another signature, which counts.
    Twin(Box<SignedItem>),
    /// It was not taken, and why.
    Refused(String),
}

/// Says what became of an item that [`RoomStore::ingest`] was given.
pub fn admission(
    store: &dyn RoomStore,
    item: &SignedItem,
    now: u64,
) -> Result<Admission, StoreError> {
    if let Some(kept) = store.item(&item.work())? {
        let is_same = kept.infohash() == item.infohash();
        return Ok(if is_same { Admission::Kept } else { Admission::Twin(Box::new(kept)) });
    }
    let (day, today) = (day_of(item.time()), day_of(now));
    if day + HORIZON_DAYS < today {
        return Ok(Admission::Refused(format!(
            "the item is older than {HORIZON_DAYS} days; boards do not keep it any more"
        )));
    }
    match store.asked_of_strangers(&item.board(), item.time(), Class::Items, now)? {
        Some(asked) if asked <= item.spare_bits() => {}
        Some(asked) => {
            let (asked, has) = (item.proof().bits - item.spare_bits() + asked, item.proof().bits);
            return Ok(Admission::Refused(format!(
                "the item's day on its board is nearly full: it takes from people whom nobody you follow leads \
                 to only what commits to {asked} bits of work, and this item has {has}"
            )));
        }
        None => {
            return Ok(Admission::Refused(
                "the item's day on its board is full: it takes no more from people whom nobody you follow \
                 leads to; follow the author to have it"
                    .into(),
            ));
        }
    }
    Ok(Admission::Refused("the item was not kept; try again".into()))
}
