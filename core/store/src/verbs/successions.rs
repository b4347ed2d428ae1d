//! Which key somebody has now, and which ones they had.

use upseed_model::PublicKey;
use upseed_tables::{
    values::{error::StoreError, number::uint},
    work::{
        names::{key_of, known_key},
        successions,
    },
};

use crate::connection::Store;

/// That a key is in use no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// The person's key now; none if the old one was revoked, or is claimed by two.
    pub current: Option<PublicKey>,
    /// Since when, as the old key says, in unix seconds.
    pub since: u64,
    /// When this node first heard of it, in unix seconds.
    pub first_seen: u64,
}

impl Store {
    /// What became of a key; none if it is in use.
    pub fn succession(&self, key: &PublicKey) -> Result<Option<Succession>, StoreError> {
        self.read(|db| {
            let Some(id) = known_key(db, key)? else { return Ok(None) };
            let Some(since) = successions::since(db, id)? else { return Ok(None) };
            let current = successions::current(db, id)?.map(|id| key_of(db, id)).transpose()?;
            let first_seen = uint(successions::first_seen(db, id)?);
            Ok(Some(Succession { current, since: uint(since), first_seen }))
        })
    }

    /// The key that its owner has now, often itself; none if it was revoked, or is claimed by two.
    pub fn current(&self, key: &PublicKey) -> Result<Option<PublicKey>, StoreError> {
        Ok(self.succession(key)?.map_or(Some(*key), |succession| succession.current))
    }

    /// Keys that somebody had before this one; at most 64.
    pub fn earlier_keys(&self, key: &PublicKey) -> Result<Vec<PublicKey>, StoreError> {
        self.read(|db| {
            let Some(id) = known_key(db, key)? else { return Ok(Vec::new()) };
            successions::earlier(db, id)?.into_iter().map(|id| key_of(db, id)).collect()
        })
    }
}
