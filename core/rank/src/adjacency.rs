//! One direction of the follow graph: for each person a row of others.

use std::collections::BTreeMap;

/// Rows one after the other in one array, four bytes an entry, and what was added since in a map
/// beside it. An entry that is taken out leaves `VOID` behind. Both are packed into the array, in
/// place, when they are an eighth of it.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    /// Row n is `entries[starts[n]..starts[n + 1]]`; people after the last have no row there yet.
    starts: Vec<u32>,
    entries: Vec<u32>,
    added: BTreeMap<u32, Vec<u32>>,
    /// Entries in `added`, and voids in `entries`.
    loose: usize,
}

const VOID: u32 = u32::MAX;

/// So many loose entries are never worth packing.
const FEW: usize = 4_096;

impl Adjacency {
    /// From rows that stand one after the other. `starts` has the end of the last one, too.
    pub(crate) fn from_rows(starts: Vec<u32>, entries: Vec<u32>) -> Self {
        Self { starts, entries, ..Self::default() }
    }

    /// The other direction of the same edges, among so many people.
    pub(crate) fn reversed(&self, people: usize) -> Self {
        let mut starts = vec![0; people + 1];
        for to in &self.entries {
            starts[*to as usize] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut entries = vec![VOID; self.entries.len()];
        // Each row is filled from its end, so that its end becomes its start; and from the last
        // person on, so that it ascends.
        for from in (0..self.starts.len().saturating_sub(1) as u32).rev() {
            for to in self.stored(from) {
                let start = &mut starts[*to as usize];
                *start -= 1;
                entries[*start as usize] = from;
            }
        }
        Self::from_rows(starts, entries)
    }

    pub(crate) fn row(&self, of: u32) -> impl Iterator<Item = u32> {
        let stored = self.stored(of).iter().copied().filter(|entry| *entry != VOID);
        stored.chain(self.added.get(&of).into_iter().flatten().copied())
    }

    pub(crate) fn contains(&self, of: u32, entry: u32) -> bool {
        self.stored(of).contains(&entry)
            || self.added.get(&of).is_some_and(|added| added.contains(&entry))
    }

    /// Adds what is not there yet.
    pub(crate) fn insert(&mut self, of: u32, entry: u32) {
        self.added.entry(of).or_default().push(entry);
        self.loose += 1;
        self.pack_if_loose();
    }

    /// Takes out what is there.
    pub(crate) fn remove(&mut self, of: u32, entry: u32) {
        if let Some(added) = self.added.get_mut(&of)
            && let Some(at) = added.iter().position(|other| *other == entry)
        {
            added.swap_remove(at);
            if added.is_empty() {
                self.added.remove(&of);
            }
            self.loose -= 1;
            return;
        }
        let range = self.range(of);
        if let Some(found) = self.entries[range].iter_mut().find(|other| **other == entry) {
            *found = VOID;
            self.loose += 1;
            self.pack_if_loose();
        }
    }

    fn range(&self, of: u32) -> std::ops::Range<usize> {
        let start = |n: usize| self.starts.get(n).map_or(self.entries.len(), |at| *at as usize);
        start(of as usize)..start(of as usize + 1)
    }

    fn stored(&self, of: u32) -> &[u32] {
        &self.entries[self.range(of)]
    }

    fn pack_if_loose(&mut self) {
        if self.loose > FEW.max(self.entries.len() / 8) {
            self.pack();
        }
    }

    /// Closes the gaps from the left, then makes room from the right: in place, since a second array
    /// would be as large as all the rest.
    fn pack(&mut self) {
        let rows = self.starts.len().saturating_sub(1);
        let mut end = 0;
        for row in 0..rows {
            let range = self.range(row as u32);
            self.starts[row] = end as u32;
            for at in range {
                if self.entries[at] != VOID {
                    self.entries[end] = self.entries[at];
                    end += 1;
                }
            }
        }
        let added = std::mem::take(&mut self.added);
        self.loose = 0;
        let people = added.last_key_value().map_or(0, |(last, _)| *last as usize + 1).max(rows);
        self.starts.resize(people + 1, end as u32);
        self.starts[rows..].fill(end as u32);
        self.entries.truncate(end);
        self.entries.resize(end + added.values().map(Vec::len).sum::<usize>(), VOID);
        self.entries.shrink_to(self.entries.len() + self.entries.len() / 16);
        let (mut old_end, mut end) = (end, self.entries.len());
        for row in (0..people).rev() {
            let old = self.starts[row] as usize..old_end;
            let more = added.get(&(row as u32)).map_or(&[][..], Vec::as_slice);
            old_end = old.start;
            self.starts[row + 1] = end as u32;
            end -= more.len();
            self.entries[end..end + more.len()].copy_from_slice(more);
            end -= old.len();
            self.entries.copy_within(old, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn packing_changes_no_row() {
        let mut random = 1_u32;
        let mut next = move |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % below
        };
        let mut rows = Adjacency::from_rows(vec![0, 2, 2, 3], vec![5, 1, 0]);
        let mut wanted = BTreeSet::from([(0, 5), (0, 1), (2, 0)]);
        for turn in 0..30_000 {
            let (of, entry) = (next(200), next(300));
            if wanted.insert((of, entry)) {
                rows.insert(of, entry);
            } else {
                wanted.remove(&(of, entry));
                rows.remove(of, entry);
            }
            assert_eq!(rows.contains(of, entry), wanted.contains(&(of, entry)));
            if turn % 1_000 == 0 {
                if turn % 3_000 == 0 {
                    rows.pack();
                    assert_eq!(rows.entries.len(), wanted.len());
                }
                for of in 0..210 {
                    let row: BTreeSet<_> = rows.row(of).map(|entry| (of, entry)).collect();
                    assert!(wanted.range((of, 0)..(of + 1, 0)).eq(&row));
                }
            }
        }
        rows.pack();
        let reversed = rows.reversed(300);
        for entry in 0..300 {
            let row: Vec<_> = reversed.row(entry).collect();
            assert!(row.iter().all(|of| wanted.contains(&(*of, entry))) && row.is_sorted());
        }
        assert_eq!(reversed.entries.len(), wanted.len());
    }
}
