//! What rooms need of the store, and the store of a node as that.

use std::{net::SocketAddr, ops::RangeInclusive};

use upseed_model::{
    BoardName, Infohash, Network, PublicKey, Record, SignedItem, SignedStatement, WorkId,
    statement::SlotKey, sync::DayDigest,
};
use upseed_store::{AskedRecord, Class, Keep, Outcome, Refusal, Store, StoreError};

/// Bytes of texts that are kept only because somebody might read them again.
pub(crate) const CACHE_BYTES: u64 = 256 << 20;

/// An item's votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemVotes {
    /// Its infohash.
    pub infohash: Infohash,
    /// Voters, without the author.
    pub votes: u32,
    /// Whether this node's user is among them.
    pub upvoted: bool,
    /// Whether its text is here.
    pub has_text: bool,
    /// It is left out of lists, and its text is not fetched before somebody asks for it.
    pub hidden: bool,
}

/// What rooms need of the store. Records are verified before they get here, texts are checked. Each method works on its
/// own; what it kept survives a power cut when it returns.
pub trait RoomStore: Send {
    /// The user's key, if there is one.
    fn me(&self) -> Option<PublicKey>;

    /// The digests of a board's days that are not empty.
    fn digests(
        &self,
        board: &BoardName,
        days: RangeInclusive<u64>,
        min_bits: u8,
    ) -> Result<Vec<DayDigest>, StoreError>;
    /// A day's records, ascending by (time, work id).
    fn day(
        &self,
        board: &BoardName,
        day: u64,
        min_bits: u8,
    ) -> Result<Vec<(u64, WorkId)>, StoreError>;
    /// Those that are neither here nor refused, in the same order.
    fn unknown(&self, works: &[WorkId]) -> Result<Vec<WorkId>, StoreError>;

    /// One record.
    fn record(&self, work: &WorkId) -> Result<Option<Record>, StoreError>;
    /// The bytes of records, in the order asked, until they are `most` bytes or more.
    fn records(&self, works: &[WorkId], most: usize) -> Result<Vec<AskedRecord>, StoreError>;
    /// One item.
    fn item(&self, work: &WorkId) -> Result<Option<SignedItem>, StoreError>;
    /// Whether the item of this infohash is here.
    fn has_item(&self, infohash: &Infohash) -> Result<bool, StoreError>;
    /// The newest statement of a slot.
    fn statement(&self, slot: &SlotKey) -> Result<Option<SignedStatement>, StoreError>;
    /// An item's votes.
    fn votes(&self, work: &WorkId) -> Result<Option<ItemVotes>, StoreError>;
    /// Bits of work that a board's day asks for.
    fn asked_of_strangers(
        &self,
        board: &BoardName,
        time: u64,
        class: Class,
        now: u64,
    ) -> Result<Option<u8>, StoreError>;

    /// Keeps records; one outcome for each, in order.
    fn ingest(&self, records: &[Record], now: u64) -> Result<Vec<Outcome>, StoreError>;
    /// Keeps records, each with its time, until that time has come.
    fn put_later(&self, records: &[(&[u8], u64)]) -> Result<(), StoreError>;
    /// Takes those out whose time is `now` or before.
    fn take_due(&self, now: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError>;
    /// Keeps in mind what is not kept.
    fn remember_refused(&self, refusals: &[Refusal]) -> Result<(), StoreError>;
    /// Whether records of these SHA-256 were refused.
    fn are_refused(&self, hashes: &[[u8; 32]], now: u64) -> Result<Vec<bool>, StoreError>;
    /// The newest time that somebody else signed.
    fn newest_of_others(&self) -> Result<Option<u64>, StoreError>;
    /// Forgets what is too old at `now`.
    fn expire(&self, now: u64) -> Result<(), StoreError>;

    /// Items of these boards without text, the newest first.
    fn missing_texts(
        &self,
        boards: &[BoardName],
        limit: u32,
    ) -> Result<Vec<(WorkId, Infohash)>, StoreError>;
    /// A text that this node gives to others.
    fn served_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError>;
    /// A text that was only fetched to be read, of an item that the user does not hide.
    fn cached_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Whether this text is one of those that are fetched though nobody asks for them.
    fn is_prefetched(&self, work: &WorkId) -> Result<bool, StoreError>;
    /// Keeps texts that others gave, to be read; `hosted`: by their hosts, at that time.
    fn put_texts(&self, texts: &[(WorkId, &[u8])], hosted: Option<u64>) -> Result<(), StoreError>;
    /// Forgets texts that are only kept to be read, until they are `most` bytes or fewer.
    fn evict_cache(&self, most: u64) -> Result<(), StoreError>;
    /// This item's hashes contradict each other: it will never have a text.
    fn mark_dead(&self, work: &WorkId, now: u64) -> Result<(), StoreError>;

    /// The user's own trackers for a board.
    fn trackers(&self, board: &BoardName) -> Result<Vec<String>, StoreError>;
    /// Addresses of members that were reached, the last first.
    fn kept_peers(&self, board: &BoardName, limit: u32) -> Result<Vec<SocketAddr>, StoreError>;
    /// A member was reached.
    fn remember_peer(
        &self,
        board: &BoardName,
        addr: SocketAddr,
        now: u64,
    ) -> Result<(), StoreError>;
    /// The item of this infohash, and whether the user hosts it.
    fn hosted_item(&self, infohash: &Infohash) -> Result<Option<(SignedItem, bool)>, StoreError>;
    /// Networks in which an item's text was seen.
    fn set_verified(&self, seen: &[(Infohash, Vec<Network>)], now: u64) -> Result<(), StoreError>;
    /// So many hosts of an item were named.
    fn set_seeds(&self, infohash: &Infohash, count: u32, now: u64) -> Result<(), StoreError>;
}

impl RoomStore for Store {
    fn me(&self) -> Option<PublicKey> {
        self.me()
    }

    fn digests(
        &self,
        board: &BoardName,
        days: RangeInclusive<u64>,
        min_bits: u8,
    ) -> Result<Vec<DayDigest>, StoreError> {
        let digests = self.digests(board, days, min_bits)?.into_iter();
        Ok(digests.map(|d| DayDigest { day: d.day, count: d.count, sum: d.sum }).collect())
    }

    fn day(
        &self,
        board: &BoardName,
        day: u64,
        min_bits: u8,
    ) -> Result<Vec<(u64, WorkId)>, StoreError> {
        self.day(board, day, min_bits)
    }

    fn unknown(&self, works: &[WorkId]) -> Result<Vec<WorkId>, StoreError> {
        self.unknown(works)
    }

    fn record(&self, work: &WorkId) -> Result<Option<Record>, StoreError> {
        self.record(work)
    }

    fn records(&self, works: &[WorkId], most: usize) -> Result<Vec<AskedRecord>, StoreError> {
        self.records(works, most)
    }

    fn item(&self, work: &WorkId) -> Result<Option<SignedItem>, StoreError> {
        Ok(self.item_by_work(work)?.map(|row| row.item))
    }

    fn has_item(&self, infohash: &Infohash) -> Result<bool, StoreError> {
        Ok(self.item(infohash)?.is_some())
    }

    fn statement(&self, slot: &SlotKey) -> Result<Option<SignedStatement>, StoreError> {
        self.statement(slot)
    }

    fn votes(&self, work: &WorkId) -> Result<Option<ItemVotes>, StoreError> {
        Ok(self.item_by_work(work)?.map(|row| ItemVotes {
            infohash: row.item.infohash(),
            votes: row.votes,
            upvoted: row.upvoted,
            has_text: row.text.is_some(),
            hidden: row.hidden,
        }))
    }

    fn asked_of_strangers(
        &self,
        board: &BoardName,
        time: u64,
        class: Class,
        now: u64,
    ) -> Result<Option<u8>, StoreError> {
        self.asked_of_strangers(board, time, class, now)
    }

    fn ingest(&self, records: &[Record], now: u64) -> Result<Vec<Outcome>, StoreError> {
        self.ingest(records, now)
    }

    fn put_later(&self, records: &[(&[u8], u64)]) -> Result<(), StoreError> {
        self.put_later(records)
    }

    fn take_due(&self, now: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        self.take_due(now, limit)
    }

    fn remember_refused(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        self.remember_refused(refusals)
    }

    fn are_refused(&self, hashes: &[[u8; 32]], now: u64) -> Result<Vec<bool>, StoreError> {
        self.are_refused(hashes, now)
    }

    fn newest_of_others(&self) -> Result<Option<u64>, StoreError> {
        self.newest_of_others()
    }

    fn expire(&self, now: u64) -> Result<(), StoreError> {
        self.expire(now).map(drop)
    }

    fn missing_texts(
        &self,
        boards: &[BoardName],
        limit: u32,
    ) -> Result<Vec<(WorkId, Infohash)>, StoreError> {
        self.missing_texts(boards, 0, limit, CACHE_BYTES / 2)
    }

    fn served_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        self.served_text(work)
    }

    fn cached_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        self.cached_text(work)
    }

    fn is_prefetched(&self, work: &WorkId) -> Result<bool, StoreError> {
        self.is_prefetched(work)
    }

    fn put_texts(&self, texts: &[(WorkId, &[u8])], hosted: Option<u64>) -> Result<(), StoreError> {
        self.put_texts(texts, Keep::Cache, hosted)
    }

    fn evict_cache(&self, most: u64) -> Result<(), StoreError> {
        self.evict_cache(most).map(drop)
    }

    fn mark_dead(&self, work: &WorkId, now: u64) -> Result<(), StoreError> {
        self.mark_dead(work, now)
    }

    fn trackers(&self, board: &BoardName) -> Result<Vec<String>, StoreError> {
        Ok(self.board(board)?.map(|row| row.trackers).unwrap_or_default())
    }

    fn kept_peers(&self, board: &BoardName, limit: u32) -> Result<Vec<SocketAddr>, StoreError> {
        let kept = self.kept_peers(board, limit)?;
        Ok(kept.iter().filter_map(|addr| addr.parse().ok()).collect())
    }

    fn remember_peer(
        &self,
        board: &BoardName,
        addr: SocketAddr,
        now: u64,
    ) -> Result<(), StoreError> {
        self.remember_peer(board, &addr.to_string(), now)
    }

    fn set_seeds(&self, infohash: &Infohash, count: u32, now: u64) -> Result<(), StoreError> {
        self.set_seeds(infohash, count, false, now)
    }

    fn hosted_item(&self, infohash: &Infohash) -> Result<Option<(SignedItem, bool)>, StoreError> {
        let row = self.item(infohash)?;
        Ok(row.map(|row| (row.item, row.hosting.is_some() || row.unvoted)))
    }

    fn set_verified(&self, seen: &[(Infohash, Vec<Network>)], now: u64) -> Result<(), StoreError> {
        self.set_verified(seen, now)
    }
}

/// For work that is tried again by itself.
pub(crate) fn log_failure<T>(what: &str, result: Result<T, StoreError>) -> Option<T> {
    result.map_err(|error| tracing::error!(%error, "{what} failed")).ok()
}
