//! Which pack is made, replaced or removed next.

use upseed_model::BoardName;
use upseed_pack::layout::MAX_PACK;
use upseed_store::{Loose, PackRow, PackState};

/// How large packs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Items of the first level.
    pub small: u32,
    /// Items of the second level.
    pub large: u32,
    /// Bytes of records that are put into one.
    pub bytes: u64,
}

impl Default for Rules {
    fn default() -> Self {
        // Filling pages costs 4 %, and ids 32 bytes an item.
        Self { small: 1_000, large: 10_000, bytes: MAX_PACK as u64 / 100 * 92 - 32 * 10_000 }
    }
}

/// Seconds for which a pack may still have what is not to be hosted any more although the vote stays. So an author who retracts
/// many things one by one has a pack made anew every ten minutes, and not for each.
const STOPPED: u64 = 600;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The oldest items of a board that are torrents of their own go into a pack, so many at most.
    Build {
        /// The board.
        board: BoardName,
        /// How many.
        items: u32,
    },
    /// What is hosted in these packs goes into one.
    Replace {
        /// Which packs, of one board.
        packs: Vec<i64>,
    },
    /// Nothing is hosted in it.
    Remove {
        /// Which pack.
        pack: i64,
    },
}

/// The next step; nothing while a pack is on its way, or if all is as it should be.
///
/// A pack is made anew when more than one in twenty of its items is gone, and ten minutes after the author of one was muted or
/// retracted it. Simulated with a million votes of which 2 % were
/// taken back: each byte is written twice, and there are 1,600 torrents at most.
pub fn next_step(rules: &Rules, packs: &[PackRow], loose: &[Loose], now: u64) -> Option<Step> {
    if packs.iter().any(|pack| matches!(pack.state, PackState::Given | PackState::Switching)) {
        return None;
    }
    let hosted = || packs.iter().filter(|pack| pack.state == PackState::Hosted);
    if let Some(empty) = hosted().find(|pack| pack.live() == 0) {
        return Some(Step::Remove { pack: empty.id });
    }
    let is_thin = |pack: &PackRow| u64::from(pack.gone) * 20 > u64::from(pack.count);
    // A clock that was set back must not keep it.
    let must_go = |pack: &PackRow| pack.stopped.is_some_and(|at| now >= at + STOPPED || now < at);
    if let Some(pack) = hosted().find(|pack| is_thin(pack) || must_go(pack)) {
        return Some(Step::Replace { packs: vec![pack.id] });
    }
    let is_small = |pack: &&PackRow| pack.live() < rules.large / 2 && pack.length < rules.bytes / 2;
    let mut boards: Vec<BoardName> = hosted().filter(is_small).map(|pack| pack.board).collect();
    boards.sort_unstable();
    boards.dedup();
    for board in boards {
        let small = hosted().filter(is_small).filter(|pack| pack.board == board);
        let (mut chosen, mut items, mut bytes, mut is_full) = (Vec::new(), 0, 0, false);
        for pack in small {
            let (with, length) = (items + pack.live(), bytes + pack.length);
            if with > rules.large || length > rules.bytes {
                is_full = true;
                break;
            }
            chosen.push(pack.id);
            (items, bytes) = (with, length);
        }
        is_full |= items >= rules.large;
        if is_full && chosen.len() > 1 {
            return Some(Step::Replace { packs: chosen });
        }
    }
    let due = loose.iter().find(|it| it.items >= rules.small || it.bytes >= rules.bytes)?;
    let items = if due.items >= rules.large { rules.large } else { rules.small };
    Some(Step::Build { board: due.board, items })
}

#[cfg(test)]
mod tests {
    use upseed_model::Infohash;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    const RULES: Rules = Rules { small: 10, large: 100, bytes: 100_000 };

    fn board(name: &str) -> BoardName {
        name.parse().unwrap()
    }

    fn pack(id: i64, count: u32, gone: u32) -> PackRow {
        PackRow {
            id,
            infohash: Infohash::from_bytes([id as u8; 20]),
            board: board("films"),
            state: PackState::Hosted,
            count,
            gone,
            length: u64::from(count) * 1_000,
            first: id as u64,
            last: id as u64,
            stopped: None,
        }
    }

    fn loose(items: u32, bytes: u64) -> Loose {
        Loose { board: board("films"), items, bytes }
    }

    #[test]
    fn a_board_with_enough_old_items_gets_a_pack() {
        let step = |items, bytes| next_step(&RULES, &[], &[loose(items, bytes)], NOW);
        assert_eq!(step(9, 9_000), None);
        assert_eq!(step(10, 9_000), Some(Step::Build { board: board("films"), items: 10 }));
        assert_eq!(step(99, 9_000), Some(Step::Build { board: board("films"), items: 10 }));
        assert_eq!(step(500, 9_000), Some(Step::Build { board: board("films"), items: 100 }));
        // Few long texts fill one, too.
        assert_eq!(step(3, 100_000), Some(Step::Build { board: board("films"), items: 10 }));
    }

    #[test]
    fn one_at_a_time() {
        for state in [PackState::Given, PackState::Switching] {
            let packs = [PackRow { state, ..pack(1, 10, 0) }];
            assert_eq!(next_step(&RULES, &packs, &[loose(500, 0)], NOW), None, "{state:?}");
        }
        // The user is asked about it, which must not hold up the others.
        let packs = [PackRow { state: PackState::Missing, ..pack(1, 10, 10) }];
        assert!(next_step(&RULES, &packs, &[loose(500, 0)], NOW).is_some());
    }

    #[test]
    fn what_lost_more_than_one_in_twenty_is_made_anew_and_what_lost_all_is_removed() {
        let step = |count, gone| next_step(&RULES, &[pack(7, count, gone)], &[], NOW);
        assert_eq!(step(100, 5), None);
        assert_eq!(step(100, 6), Some(Step::Replace { packs: vec![7] }));
        assert_eq!(step(10, 10), Some(Step::Remove { pack: 7 }));
    }

    #[test]
    fn what_is_not_to_be_hosted_any_more_is_gone_after_ten_minutes() {
        let step = |stopped| {
            let pack = PackRow { stopped: Some(stopped), ..pack(7, 100, 1) };
            next_step(&RULES, &[pack], &[], NOW)
        };
        assert_eq!(step(NOW), None);
        assert_eq!(step(NOW - 599), None);
        let anew = Some(Step::Replace { packs: vec![7] });
        assert_eq!(step(NOW - 600), anew);
        assert_eq!(step(NOW + 1), anew, "the clock was set back");
    }

    #[test]
    fn ten_small_ones_become_a_large_one() {
        let small =
            |range: std::ops::Range<i64>| range.map(|id| pack(id, 10, 0)).collect::<Vec<_>>();
        assert_eq!(next_step(&RULES, &small(0..9), &[], NOW), None);
        let ten = Step::Replace { packs: (0..10).collect() };
        assert_eq!(next_step(&RULES, &small(0..10), &[], NOW), Some(ten.clone()));
        assert_eq!(next_step(&RULES, &small(0..12), &[], NOW), Some(ten), "the oldest");
        let mut packs = small(0..9);
        packs.push(pack(9, 100, 0));
        assert_eq!(next_step(&RULES, &packs, &[], NOW), None, "a large one stays");
        // Long texts: as many as fit.
        let long: Vec<_> = (0..4).map(|id| PackRow { length: 40_000, ..pack(id, 10, 0) }).collect();
        assert_eq!(next_step(&RULES, &long, &[], NOW), Some(Step::Replace { packs: vec![0, 1] }));
        let longest: Vec<_> =
            (0..4).map(|id| PackRow { length: 60_000, ..pack(id, 10, 0) }).collect();
        assert_eq!(next_step(&RULES, &longest, &[], NOW), None);
    }

    #[test]
    fn packs_of_two_boards_are_not_mixed() {
        let packs: Vec<_> = (0..12)
            .map(|id| match id % 2 {
                0 => pack(id, 10, 0),
                _ => PackRow { board: board("books"), ..pack(id, 10, 0) },
            })
            .collect();
        assert_eq!(next_step(&RULES, &packs, &[], NOW), None);
    }
}
