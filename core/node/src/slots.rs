//! Lists of labels, spread over slots.

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey, SignedStatement, StatementDraft, WorkId,
    limits::{MAX_AHEAD, MAX_LABELS, MAX_STATEMENT},
    statement::{Label, Slot, Statement},
};

/// What a list statement lists.
pub(crate) trait Entry: Ord + Clone {
    /// How many devices' slots one device fills: each has 256 lists.
    const DEVICES: u32 = 1;

    /// Whether one of the two takes the other's place.
    fn is_about_the_same(&self, other: &Self) -> bool;
    /// Whether a list has room for this one.
    fn fits(&self, list: &[Self]) -> bool;
    /// The entries of such a list.
    fn read(content: &Statement) -> Option<(Slot, &[Self])>;
    /// Such a list.
    fn write(slot: Slot, entries: Vec<Self>) -> Statement;
}

/// Bytes of a label statement beside its labels, at most: 16 boards of 32 bytes, signature, work.
const BESIDE_LABELS: usize = 1_024;

/// Bytes of a label beside its value and reason: its target, and bencode.
const BESIDE_WORDS: usize = 56;

impl Entry for Label {
    const DEVICES: u32 = 16;

    fn is_about_the_same(&self, other: &Self) -> bool {
        (self.target, &self.value) == (other.target, &other.value)
    }

    fn fits(&self, list: &[Self]) -> bool {
        let size = |label: &Self| BESIDE_WORDS + label.value.len() + label.reason.len();
        let bytes: usize = list.iter().map(size).sum();
        list.len() < MAX_LABELS && BESIDE_LABELS + bytes + size(self) <= MAX_STATEMENT
    }

    fn read(content: &Statement) -> Option<(Slot, &[Self])> {
        match content {
            Statement::Labels { slot, labels } => Some((*slot, labels)),
            _ => None,
        }
    }

    fn write(slot: Slot, labels: Vec<Self>) -> Statement {
        Statement::Labels { slot, labels }
    }
}

/// A list of the user's key as it stands, or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotList<T> {
    pub slot: Slot,
    pub boards: Vec<BoardName>,
    /// The statement in the slot; none if there is none yet.
    pub work: Option<WorkId>,
    pub time: u64,
    pub entries: Vec<T>,
}

impl<T: Entry> SlotList<T> {
    pub fn read(list: &SignedStatement) -> Option<Self> {
        let (slot, entries) = T::read(list.content())?;
        let (boards, time) = (list.boards().to_vec(), list.time());
        Some(Self { slot, boards, work: Some(list.work()), time, entries: entries.to_vec() })
    }

    pub fn draft(self, author: PublicKey) -> StatementDraft {
        let content = T::write(self.slot, self.entries);
        StatementDraft { author, boards: self.boards, time: self.time, content }
    }
}

/// What is to be listed from now on, or no more.
pub(crate) enum ListChange<T> {
    Add(T),
    Remove(T),
}

/// Every slot is taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The lists to be written. What is added goes into this device's first list with room; what is
/// removed, or stands there with other words, is taken out of every list that has it.
pub(crate) fn plan<T: Entry>(
    mut lists: Vec<SlotList<T>>,
    device: [u8; 4],
    boards: &[BoardName],
    change: Option<&ListChange<T>>,
    now: u64,
) -> Result<Vec<SlotList<T>>, Full> {
    // As with ballots: such a list stays, and what it says is said again.
    let is_early = |list: &SlotList<T>| list.time > now + MAX_AHEAD;
    let mut changed = BTreeSet::new();
    if let Some(ListChange::Add(entry) | ListChange::Remove(entry)) = change {
        let stays = matches!(change, Some(ListChange::Add(_)));
        let is_old = |other: &T| entry.is_about_the_same(other) && !(stays && other == entry);
        for (index, list) in lists.iter_mut().enumerate() {
            let before = list.entries.len();
            list.entries.retain(|other| !is_old(other));
            if list.entries.len() != before {
                changed.insert(index);
            }
        }
    }
    let early = lists.iter().filter(|list| is_early(list) && list.boards == boards);
    let mut wanted: BTreeSet<T> = early.flat_map(|list| list.entries.clone()).collect();
    if let Some(ListChange::Add(entry)) = change {
        wanted.insert(entry.clone());
    }
    for entry in wanted {
        if lists.iter().any(|list| !is_early(list) && list.entries.contains(&entry)) {
            continue;
        }
        let ours = |list: &SlotList<T>| list.boards == boards && is_of::<T>(list.slot, device);
        let has_room =
            |list: &SlotList<T>| ours(list) && !is_early(list) && entry.fits(&list.entries);
        let index = match lists.iter().position(has_room) {
            Some(index) => index,
            None => {
                let taken: BTreeSet<Slot> =
                    lists.iter().filter(|list| ours(list)).map(|list| list.slot).collect();
                let slot = slots::<T>(device).find(|slot| !taken.contains(slot)).ok_or(Full)?;
                let boards = boards.to_vec();
                lists.push(SlotList { slot, boards, work: None, time: 0, entries: Vec::new() });
                lists.len() - 1
            }
        };
        lists[index].entries.push(entry);
        changed.insert(index);
    }
    let written = changed.into_iter().map(|index| {
        let mut list = lists[index].clone();
        list.entries.sort_unstable();
        list.time = now.max(list.time + 1);
        list
    });
    Ok(written.collect())
}

/// The slots of a device: its own 256, and where one needs more, those of the numbers behind it.
fn slots<T: Entry>(device: [u8; 4]) -> impl Iterator<Item = Slot> {
    let devices = (0..T::DEVICES).map(move |n| u32::from_be_bytes(device).wrapping_add(n));
    devices.flat_map(|device| {
        (0..=u8::MAX).map(move |number| Slot { device: device.to_be_bytes(), number })
    })
}

fn is_of<T: Entry>(slot: Slot, device: [u8; 4]) -> bool {
    let [slot, device] = [slot.device, device].map(u32::from_be_bytes);
    slot.wrapping_sub(device) < T::DEVICES
}

#[cfg(test)]
mod tests {
    use upseed_model::{SecretKey, statement::LabelTarget};

    use super::*;

    const NOW: u64 = 1_800_000_000;
    const HERE: [u8; 4] = [1; 4];

    fn key(n: u8) -> PublicKey {
        SecretKey::from_seed(&[n; 32]).public()
    }

    fn label(n: u8, value: &str, reason: &str) -> Label {
        let target = LabelTarget::Item(WorkId::from_bytes([n; 32]));
        Label { target, value: value.into(), reason: reason.into() }
    }

    fn labelled(lists: Vec<SlotList<Label>>, change: ListChange<Label>) -> Vec<SlotList<Label>> {
        plan(lists, HERE, &[BoardName::upseed()], Some(&change), NOW).unwrap()
    }

    #[test]
    fn a_label_with_other_words_takes_the_place_of_the_old_one() {
        let lists = labelled(vec![], ListChange::Add(label(1, "spam", "a")));
        assert_eq!(labelled(lists.clone(), ListChange::Add(label(1, "spam", "a"))), []);
        let lists = labelled(lists, ListChange::Add(label(1, "old", "")));
        let lists = labelled(lists, ListChange::Add(label(1, "spam", "b")));
        assert_eq!(lists[0].entries, [label(1, "old", ""), label(1, "spam", "b")]);
        let lists = labelled(lists, ListChange::Remove(label(1, "spam", "")));
        assert_eq!(lists[0].entries, [label(1, "old", "")]);
    }

    #[test]
    fn lists_of_labels_are_full_by_number_or_by_bytes() {
        let full = |reason: &str| {
            let mut list: Vec<Label> = Vec::new();
            while label(0, "spam", reason).fits(&list) {
                list.push(label(list.len() as u8, "spam", reason));
            }
            let slot = Slot { device: HERE, number: 0 };
            let boards: Vec<BoardName> =
                (0..16).map(|n| format!("{n}-{}", "b".repeat(29)).parse().unwrap()).collect();
            let list = SlotList { slot, boards, work: None, time: NOW, entries: list };
            let length = list.entries.len();
            let puzzle = list.draft(key(1)).puzzle(0);
            (length, puzzle.sign(0, &SecretKey::from_seed(&[1; 32])).len())
        };
        assert_eq!(full("").0, MAX_LABELS);
        let (labels, bytes) = full(&"r".repeat(200));
        assert!(labels > 50 && bytes <= MAX_STATEMENT, "{labels} labels, {bytes} bytes");
    }

    #[test]
    fn a_labeller_of_many_uses_further_numbers() {
        let boards = vec![BoardName::upseed()];
        let full: Vec<Label> = (0..64).map(|n| label(n, "spam", "")).collect();
        let device = [0xff; 4];
        let lists: Vec<_> = (0..=u8::MAX)
            .map(|number| SlotList {
                slot: Slot { device, number },
                boards: boards.clone(),
                work: None,
                time: 5,
                entries: full.clone(),
            })
            .collect();
        let add = ListChange::Add(label(99, "spam", ""));
        let new = plan(lists, device, &boards, Some(&add), NOW).unwrap();
        assert_eq!(new[0].slot, Slot { device: [0; 4], number: 0 });
    }
}
