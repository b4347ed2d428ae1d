//! A node's store, as small as a simulation of ten thousand needs it: which records and texts of the library it has.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard},
};

use upseed_model::{
    BoardName, Infohash, Network, PublicKey, Record, SignedItem, SignedStatement, WorkId,
    statement::SlotKey,
    sync::{DayDigest, Source, day_of},
};
use upseed_rooms::{ItemVotes, RoomStore};
use upseed_store::{AskedRecord, Class, Outcome, Refusal, StoreError};

use crate::library::{Library, Numbers, Shared};

/// Addresses of members that are kept.
const KEPT: usize = 32;

#[derive(Default)]
pub struct Shelf {
    pub records: Numbers,
    pub texts: Numbers,
    /// Texts that its user wrote or upvoted.
    pub hosts: Numbers,
    days: BTreeMap<u64, DayDigest>,
    kept: Vec<SocketAddr>,
}

impl Shelf {
    fn add(&mut self, number: usize, library: &Library) -> bool {
        let is_new = self.records.insert(number);
        if is_new {
            let entry = library.entry(number);
            let day = day_of(entry.item.time());
            let digest = self.days.entry(day).or_insert_with(|| DayDigest::empty(day));
            digest.insert(&entry.item.work());
        }
        is_new
    }
}

#[derive(Clone)]
pub struct Memory {
    library: Shared,
    shelf: Arc<Mutex<Shelf>>,
}

impl Memory {
    pub fn new(library: &Shared) -> Self {
        Self { library: Arc::clone(library), shelf: Arc::default() }
    }

    pub fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().expect("one thread")
    }

    /// Has a record, its text too if it is to, and hosts that.
    pub fn put(&self, number: usize, text: bool, hosts: bool) {
        let library = self.library();
        let mut shelf = self.shelf();
        shelf.add(number, &library);
        if text {
            shelf.texts.insert(number);
        }
        if hosts {
            shelf.hosts.insert(number);
        }
    }

    fn library(&self) -> std::sync::RwLockReadGuard<'_, Library> {
        self.library.read().expect("one thread")
    }

    fn number(&self, work: &WorkId) -> Option<usize> {
        let number = self.library().number(work)?;
        self.shelf().records.contains(number).then_some(number)
    }
}

impl RoomStore for Memory {
    fn me(&self) -> Option<PublicKey> {
        None
    }

    fn digests(
        &self,
        _: &BoardName,
        days: RangeInclusive<u64>,
        _: u8,
    ) -> Result<Vec<DayDigest>, StoreError> {
        Ok(self.shelf().days.range(days).map(|(_, digest)| *digest).collect())
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Result<Vec<(u64, WorkId)>, StoreError> {
        let (library, shelf) = (self.library(), self.shelf());
        let rows = library.day(day).iter().filter(|(.., number)| shelf.records.contains(*number));
        Ok(rows.map(|(time, work, _)| (*time, *work)).collect())
    }

    fn unknown(&self, works: &[WorkId]) -> Result<Vec<WorkId>, StoreError> {
        Ok(works.iter().filter(|work| self.number(work).is_none()).copied().collect())
    }

    fn record(&self, work: &WorkId) -> Result<Option<Record>, StoreError> {
        Ok(self.number(work).map(|number| self.library().record(number)))
    }

    fn records(&self, works: &[WorkId], most: usize) -> Result<Vec<AskedRecord>, StoreError> {
        let (mut bytes, mut asked) = (0, Vec::new());
        for work in works {
            if bytes >= most {
                break;
            }
            let found = self.number(work).map(|number| self.library().record(number));
            let found = found.map(|record| record.bytes().to_vec());
            bytes += found.as_ref().map_or(0, Vec::len);
            asked.push((*work, found));
        }
        Ok(asked)
    }

    fn item(&self, work: &WorkId) -> Result<Option<SignedItem>, StoreError> {
        Ok(self.number(work).map(|number| self.library().entry(number).item.clone()))
    }

    fn has_item(&self, infohash: &Infohash) -> Result<bool, StoreError> {
        let number = self.library().by_infohash(infohash);
        Ok(number.is_some_and(|number| self.shelf().records.contains(number)))
    }

    fn statement(&self, _: &SlotKey) -> Result<Option<SignedStatement>, StoreError> {
        Ok(None)
    }

    fn votes(&self, work: &WorkId) -> Result<Option<ItemVotes>, StoreError> {
        Ok(self.number(work).map(|number| ItemVotes {
            infohash: self.library().entry(number).item.infohash(),
            votes: 0,
            upvoted: self.shelf().hosts.contains(number),
            has_text: self.shelf().texts.contains(number),
            hidden: false,
        }))
    }

    fn asked_of_strangers(
        &self,
        _: &BoardName,
        _: u64,
        _: Class,
        _: u64,
    ) -> Result<Option<u8>, StoreError> {
        Ok(None)
    }

    fn ingest(&self, records: &[Record], _: u64) -> Result<Vec<Outcome>, StoreError> {
        let (library, mut shelf) = (self.library(), self.shelf());
        let outcome = |record: &Record| match library.number(&record.work()) {
            Some(number) if shelf.add(number, &library) => Outcome::New,
            Some(_) => Outcome::Known,
            None => Outcome::Full,
        };
        Ok(records.iter().map(outcome).collect())
    }

    fn put_later(&self, _: &[(&[u8], u64)]) -> Result<(), StoreError> {
        Ok(())
    }

    fn take_due(&self, _: u64, _: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(Vec::new())
    }

    fn remember_refused(&self, _: &[Refusal]) -> Result<(), StoreError> {
        Ok(())
    }

    fn are_refused(&self, hashes: &[[u8; 32]], _: u64) -> Result<Vec<bool>, StoreError> {
        Ok(vec![false; hashes.len()])
    }

    fn newest_of_others(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn expire(&self, _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn missing_texts(
        &self,
        _: &[BoardName],
        limit: u32,
    ) -> Result<Vec<(WorkId, Infohash)>, StoreError> {
        let (library, shelf) = (self.library(), self.shelf());
        let missing = shelf.records.without(&shelf.texts).take(limit as usize);
        let ids = |number| {
            let entry = library.entry(number);
            (entry.item.work(), entry.item.infohash())
        };
        Ok(missing.map(ids).collect())
    }

    fn served_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        let hosted = self.number(work).filter(|number| self.shelf().hosts.contains(*number));
        Ok(hosted.map(|number| self.library().entry(number).text.clone()))
    }

    fn cached_text(&self, work: &WorkId) -> Result<Option<Vec<u8>>, StoreError> {
        let cached = self.number(work).filter(|number| self.shelf().texts.contains(*number));
        Ok(cached.map(|number| self.library().entry(number).text.clone()))
    }

    fn is_prefetched(&self, work: &WorkId) -> Result<bool, StoreError> {
        Ok(self.number(work).is_some())
    }

    fn put_texts(&self, texts: &[(WorkId, &[u8])], _: Option<u64>) -> Result<(), StoreError> {
        for (work, _) in texts {
            if let Some(number) = self.number(work) {
                self.shelf().texts.insert(number);
            }
        }
        Ok(())
    }

    fn evict_cache(&self, _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn mark_dead(&self, _: &WorkId, _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn trackers(&self, _: &BoardName) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn kept_peers(&self, _: &BoardName, limit: u32) -> Result<Vec<SocketAddr>, StoreError> {
        Ok(self.shelf().kept.iter().rev().take(limit as usize).copied().collect())
    }

    fn remember_peer(&self, _: &BoardName, addr: SocketAddr, _: u64) -> Result<(), StoreError> {
        let kept = &mut self.shelf().kept;
        kept.retain(|known| *known != addr);
        kept.push(addr);
        if kept.len() > KEPT {
            kept.remove(0);
        }
        Ok(())
    }

    fn hosted_item(&self, infohash: &Infohash) -> Result<Option<(SignedItem, bool)>, StoreError> {
        let Some(number) = self.library().by_infohash(infohash) else { return Ok(None) };
        let hosts = self.shelf().hosts.contains(number);
        Ok(Some((self.library().entry(number).item.clone(), hosts)))
    }

    fn set_verified(&self, _: &[(Infohash, Vec<Network>)], _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn set_seeds(&self, _: &Infohash, _: u32, _: u64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// All that there is, as a liar names it.
pub struct All(pub Shared);

impl Source for All {
    fn digests(&self, _: &BoardName, days: RangeInclusive<u64>, _: u8) -> Vec<DayDigest> {
        let library = self.0.read().expect("one thread");
        let digest = |day| {
            let mut digest = DayDigest::empty(day);
            library.day(day).iter().for_each(|(_, work, _)| digest.insert(work));
            digest
        };
        days.map(digest).filter(|digest| digest.count > 0).collect()
    }

    fn day(&self, _: &BoardName, day: u64, _: u8) -> Vec<(u64, WorkId)> {
        let library = self.0.read().expect("one thread");
        library.day(day).iter().map(|(time, work, _)| (*time, *work)).collect()
    }

    fn unknown(&self, _: &[WorkId]) -> Vec<WorkId> {
        Vec::new()
    }
}
