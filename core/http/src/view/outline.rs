//! Which comments of a thread one page shows: decided by numbers, before any text is read.

use std::collections::HashMap;

use upseed_node::OutlineRow;
use upseed_view::{links::ThreadSort, thread::MAX_DEPTH};

/// Direct answers in one piece of a thread; twice as many comments with those below them.
const PIECE: usize = 60;

/// A comment to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its number ([`OutlineRow::number`]).
    pub number: u64,
    /// Levels below the direct answers.
    pub depth: usize,
    /// Comments below it, at any depth.
    pub below: u32,
    /// Those of them that are left out here.
    pub more: u32,
}

/// A piece of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// In the order of the page.
    pub shown: Vec<Shown>,
    /// Comments below the item on top, at any depth.
    pub total: u32,
    /// The direct answer with which the next piece begins, and how many comments there are from there on.
    pub rest: Option<(usize, u32)>,
}

/// The piece that begins with the direct answer `from`, counted from 0. `thread` is
/// [`upseed_node::Node::outline`].
pub(super) fn piece(thread: &[OutlineRow], sort: ThreadSort, from: usize) -> Piece {
    let Some((top, comments)) = thread.split_first() else {
        return Piece { shown: Vec::new(), total: 0, rest: None };
    };
    let mut below: HashMap<u64, Vec<&OutlineRow>> = HashMap::new();
    for comment in comments {
        below.entry(comment.parent).or_default().push(comment);
    }
    for answers in below.values_mut() {
        answers.sort_by(|a, b| match sort {
            ThreadSort::Best => b.score.cmp(&a.score).then(a.time.cmp(&b.time)),
            ThreadSort::New => b.time.cmp(&a.time).then(b.number.cmp(&a.number)),
            ThreadSort::Old => a.time.cmp(&b.time).then(a.number.cmp(&b.number)),
        });
    }
    let sizes = sizes(top, &below);
    let size = |comment: &OutlineRow| sizes.get(&comment.number).copied().unwrap_or_default();
    let answers = |to: u64| below.get(&to).map(Vec::as_slice).unwrap_or_default();
    let direct = answers(top.number);
    let mut shown = Vec::new();
    let mut next = from;
    // Without recursion: the next answer to show is on top of the stack.
    while let Some(first) = direct.get(next).filter(|_| shown.len() < PIECE) {
        next += 1;
        let mut stack = vec![(0, *first)];
        while let Some((depth, comment)) = stack.pop() {
            let open = depth + 1 < MAX_DEPTH && shown.len() < 2 * PIECE;
            if open {
                stack.extend(answers(comment.number).iter().rev().map(|row| (depth + 1, *row)));
            }
            let below = size(comment);
            let more = if open { 0 } else { below };
            shown.push(Shown { number: comment.number, depth, below, more });
        }
    }
    let left: u32 = direct.iter().skip(next).map(|comment| 1 + size(comment)).sum();
    Piece { shown, total: size(top), rest: (left > 0).then_some((next, left)) }
}

/// How many comments are below each, at any depth.
fn sizes(top: &OutlineRow, below: &HashMap<u64, Vec<&OutlineRow>>) -> HashMap<u64, u32> {
    // Each after what it answers, however deep a stranger has nested them.
    let mut order = vec![(top.number, top.parent)];
    let mut at = 0;
    while let Some((number, _)) = order.get(at).copied() {
        at += 1;
        let answers = below.get(&number).map(Vec::as_slice).unwrap_or_default();
        order.extend(answers.iter().map(|answer| (answer.number, number)));
    }
    let mut sizes: HashMap<u64, u32> = HashMap::with_capacity(order.len());
    for (number, parent) in order.into_iter().skip(1).rev() {
        let size = 1 + sizes.get(&number).copied().unwrap_or_default();
        *sizes.entry(parent).or_default() += size;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use upseed_node::Fixed;

    use super::*;

    fn row(number: u64, parent: u64, score: u32, comments: u32) -> OutlineRow {
        let score = Fixed::from_int(score);
        OutlineRow { number, parent, score, time: number, comments }
    }

    fn shown(thread: &[OutlineRow], from: usize) -> Vec<(u64, usize, u32)> {
        let piece = piece(thread, ThreadSort::Best, from);
        piece.shown.iter().map(|it| (it.number, it.depth, it.more)).collect()
    }

    #[test]
    fn the_best_come_first_with_what_answers_them() {
        let thread =
            [row(1, 0, 0, 4), row(2, 1, 1, 1), row(3, 1, 5, 0), row(4, 2, 9, 0), row(5, 1, 1, 0)];
        assert_eq!(shown(&thread, 0), [(3, 0, 0), (2, 0, 0), (4, 1, 0), (5, 0, 0)]);
        assert_eq!(shown(&thread, 2), [(5, 0, 0)]);
        assert_eq!(shown(&thread[1..2], 0), []);
        assert_eq!(shown(&[], 0), []);
    }

    #[test]
    fn answers_come_by_time_if_the_reader_says_so() {
        let thread = [row(1, 0, 0, 4), row(2, 1, 1, 1), row(3, 1, 5, 0), row(4, 2, 9, 0)];
        let order = |sort| -> Vec<u64> {
            piece(&thread, sort, 0).shown.iter().map(|shown| shown.number).collect()
        };
        assert_eq!(order(ThreadSort::Best), [3, 2, 4]);
        assert_eq!(order(ThreadSort::Old), [2, 4, 3]);
        assert_eq!(order(ThreadSort::New), [3, 2, 4]);
    }

    #[test]
    fn what_is_shown_and_what_is_left_out_add_up() {
        // A tree in which each has up to three answers.
        let mut thread = vec![row(1, 0, 0, 0)];
        thread.extend((2..1_500).map(|number| row(number, (number + 1) / 3, 0, 0)));
        let mut from = 0;
        let mut seen = 0;
        loop {
            let piece = piece(&thread, ThreadSort::Best, from);
            assert_eq!(piece.total, 1_498);
            let more: u32 = piece.shown.iter().map(|shown| shown.more).sum();
            seen += piece.shown.len() as u32 + more;
            match piece.rest {
                Some((next, left)) => {
                    assert_eq!(seen + left, piece.total);
                    from = next;
                }
                None => break,
            }
        }
        assert_eq!(seen, 1_498);
    }

    #[test]
    fn a_long_thread_comes_in_pieces() {
        let mut thread = vec![row(1, 0, 0, 200)];
        thread.extend((2..202).map(|number| row(number, 1, 0, 0)));
        let first = piece(&thread, ThreadSort::Best, 0);
        assert_eq!((first.shown.len(), first.rest), (PIECE, Some((PIECE, 140))));
        let mut from = 0;
        let mut seen = Vec::new();
        loop {
            let piece = piece(&thread, ThreadSort::Best, from);
            seen.extend(piece.shown.iter().map(|it| it.number));
            match piece.rest {
                Some((next, _)) => from = next,
                None => break,
            }
        }
        assert_eq!(seen, (2..202).collect::<Vec<_>>());
    }

    #[test]
    fn depth_and_size_have_an_end() {
        // Each one answers the one before.
        let mut deep = vec![row(1, 0, 0, 100)];
        deep.extend((2..102).map(|number| row(number, number - 1, 0, 1)));
        let all = shown(&deep, 0);
        assert_eq!(all.len(), MAX_DEPTH);
        let left = 100 - MAX_DEPTH as u32;
        assert_eq!(all.last(), Some(&(MAX_DEPTH as u64 + 1, MAX_DEPTH - 1, left)), "said below it");
        assert_eq!(piece(&deep, ThreadSort::Best, 0).shown[0].below, 99);
        // One answer has a thousand answers, and each of those has one.
        let mut wide = vec![row(1, 0, 0, 3_000), row(2, 1, 0, 1_000)];
        wide.extend((3..1_003).map(|number| row(number, 2, 0, 1)));
        wide.extend((1_003..2_003).map(|number| row(number, number - 1_000, 0, 0)));
        let all = shown(&wide, 0);
        assert!(all.iter().filter(|(_, depth, _)| *depth == 2).count() < 2 * PIECE);
        assert!(all.iter().any(|(_, depth, more)| *depth == 1 && *more == 1), "said to have more");
    }
}
