//! Texts that come and go: checked, kept, given.

use upseed_model::{Infohash, WorkId, item::TextMatch};
use upseed_store::{Keep, StoreError};
use upseed_swarm::PeerId;

use super::{Loop, bans::Away, log_failure};
use crate::{NodeEvent, Unfit, clock::now};

/// Bytes of texts that are kept only because somebody might read them again.
const CACHE_BYTES: u64 = 256 << 20;

/// Bytes that may come before the cache is brought back to that.
const CACHE_SLACK: u64 = 16 << 20;

impl Loop {
    pub(super) fn give_texts(&mut self, id: PeerId, ids: &[WorkId]) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let (mut texts, mut missing, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut left = ids.iter();
        while bytes < peer.session.room()
            && let Some(work) = left.next()
        {
            match log_failure("reading a text", self.store.served_text(work)).flatten() {
                Some(text) => {
                    bytes += text.len();
                    texts.push((*work, text));
                }
                None => missing.push(*work),
            }
        }
        peer.session.send_texts_later(left.as_slice());
        peer.session.send_texts(texts, &missing);
    }

    pub(super) fn got_texts(&mut self, id: PeerId, texts: Vec<(WorkId, Vec<u8>)>) {
        let mut lie = false;
        let mut good = Vec::new();
        for (work, text) in texts {
            let row = log_failure("reading an item", self.store.item_by_work(&work)).flatten();
            let Some(row) = row else { continue };
            match row.item.check_text(&text) {
                TextMatch::Good(_) => good.push((work, row.item.infohash(), text)),
                TextMatch::Dead(_) => self.bury(&work, row.item.infohash()),
                TextMatch::Wrong => lie = true,
            }
        }
        self.gave(id, Some(good.len()));
        // What failed is asked for again.
        let _ = self.keep_texts(&good);
        if lie {
            return self.drop_peer(id, Away::Liar, "it sent a wrong text");
        }
        self.texts.given(self.peers.get(&id).is_some_and(|peer| peer.session.owes_no_text()));
    }

    /// Keeps checked texts, or says why not.
    pub(super) fn keep_texts(
        &mut self,
        texts: &[(WorkId, Infohash, Vec<u8>)],
    ) -> Result<(), StoreError> {
        if texts.is_empty() {
            return Ok(());
        }
        let now = now();
        let rows: Vec<_> = texts.iter().map(|(work, _, text)| (*work, text.as_slice())).collect();
        if let Err(error) = self.store.put_texts(&rows, Keep::Cache, now) {
            self.texts.lost(texts.iter().map(|(work, ..)| *work), &error, now);
            return Err(error);
        }
        self.texts.pause.end();
        for (work, infohash, text) in texts {
            self.texts.came(work);
            self.texts.cached += text.len() as u64;
            self.stop_fetch(*infohash);
            self.emit(NodeEvent::Text { id: *infohash });
        }
        if self.texts.cached >= CACHE_SLACK {
            self.evict_texts();
        }
        self.hosting.wake();
        Ok(())
    }

    /// Brings the cache back to its bound.
    pub(super) fn evict_texts(&mut self) {
        self.texts.cached = 0;
        log_failure("evicting texts from the cache", self.store.evict_cache(CACHE_BYTES));
    }

    pub(super) fn bury(&mut self, work: &WorkId, infohash: Infohash) {
        self.texts.came(work);
        log_failure("marking a dead item", self.store.mark_dead(work, now()));
        self.stop_fetch(infohash);
        self.emit(NodeEvent::Unreadable {
            id: infohash,
            unfit: Unfit::Wrong,
            reason: "its hashes contradict it".into(),
        });
    }
}
