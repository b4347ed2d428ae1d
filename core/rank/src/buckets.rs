//! The queue of those whose follows are still to be looked at, by distance.

/// A list for each bucket of distances. Whoever is in a bucket leads only into later ones
/// (`Distance::bucket`), so everybody in the nearest bucket is final, in whatever order.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    lists: Vec<Vec<u32>>,
    /// No list before it has anybody.
    nearest: usize,
}

impl Buckets {
    pub(crate) fn push(&mut self, bucket: u32, person: u32) {
        let bucket = bucket as usize;
        if self.lists.len() <= bucket {
            self.lists.resize_with(bucket + 1, Vec::new);
        }
        self.lists[bucket].push(person);
        self.nearest = self.nearest.min(bucket);
    }

    /// Somebody of the nearest bucket.
    pub(crate) fn pop(&mut self) -> Option<u32> {
        while let Some(list) = self.lists.get_mut(self.nearest) {
            match list.pop() {
                Some(person) => return Some(person),
                None => self.nearest += 1,
            }
        }
        None
    }

    /// Everybody of one bucket, who are then no longer in it.
    pub(crate) fn take(&mut self, bucket: u32) -> Vec<u32> {
        self.lists.get_mut(bucket as usize).map(std::mem::take).unwrap_or_default()
    }
}
