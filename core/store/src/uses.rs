//! When cached texts were last used: a clock that counts uses, not seconds.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicI64, Ordering},
};

use parking_lot::Mutex;

/// Uses that wait in memory; beyond that, a text may be evicted earlier than its turn.
const WAITING: usize = 10_000;

/// The clock, and what was used and is not written yet: a read must not cost a write to disk.
pub(crate) struct Uses {
    /// The next moment.
    next: AtomicI64,
    /// The last use of texts, by item.
    waiting: Mutex<HashMap<i64, i64>>,
}

impl Uses {
    /// A clock that goes on after this moment.
    pub fn after(last: i64) -> Self {
        Self { next: AtomicI64::new(last + 1), waiting: Mutex::default() }
    }

    /// The next moment.
    pub fn tick(&self) -> i64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A cached text was read.
    pub fn touch(&self, item: i64) {
        let mut waiting = self.waiting.lock();
        if waiting.len() < WAITING || waiting.contains_key(&item) {
            waiting.insert(item, self.tick());
        }
    }

    /// What is to be written now.
    pub fn take(&self) -> HashMap<i64, i64> {
        std::mem::take(&mut *self.waiting.lock())
    }
}
