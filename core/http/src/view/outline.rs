//! Which comments of a thread one page shows: decided by numbers, before any text is read.

use std::collections::HashMap;

use upseed_node::OutlineRow;
use upseed_view::thread::MAX_DEPTH;

/// Direct answers in one piece of a thread; twice as many comments with those below them.
const PIECE: usize = 60;

/// A comment to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its number ([`OutlineRow::number`]).
    pub number: u64,
    /// Levels below the direct answers.
    pub depth: usize,
    /// Answers to it that are left out.
    pub more: u32,
}

/// A piece of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// In the order of the page.
    pub shown: Vec<Shown>,
    /// The direct answer with which the next piece begins, and how many there are from there on.
    pub rest: Option<(usize, u32)>,
}

/// The piece that begins with the direct answer `from`, counted from 0. `thread` is
/// [`upseed_node::Node::outline`].
pub(super) fn piece(thread: &[OutlineRow], from: usize) -> Piece {
    let Some((top, comments)) = thread.split_first() else {
        return Piece { shown: Vec::new(), rest: None };
    };
    let mut below: HashMap<u64, Vec<&OutlineRow>> = HashMap::new();
    for comment in comments {
        below.entry(comment.parent).or_default().push(comment);
    }
    for answers in below.values_mut() {
        answers.sort_by(|a, b| b.score.cmp(&a.score).then(a.time.cmp(&b.time)));
    }
    let answers = |to: u64| below.get(&to).map(Vec::as_slice).unwrap_or_default();
    let direct = answers(top.number);
    let mut shown = Vec::new();
    let mut next = from;
    // Without recursion: the next answer to show is on top of the stack.
    while let Some(first) = direct.get(next).filter(|_| shown.len() < PIECE) {
        next += 1;
        let mut stack = vec![(0, *first)];
        while let Some((depth, comment)) = stack.pop() {
            let answers = answers(comment.number);
            let open = depth + 1 < MAX_DEPTH && shown.len() < 2 * PIECE;
            let more = comment.comments.saturating_sub(if open { answers.len() as u32 } else { 0 });
            if open {
                stack.extend(answers.iter().rev().map(|answer| (depth + 1, *answer)));
            }
            shown.push(Shown { number: comment.number, depth, more });
        }
    }
    let left = direct.len().saturating_sub(next) as u32;
    Piece { shown, rest: (left > 0).then_some((next, left)) }
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
        let piece = piece(thread, from);
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
    fn a_long_thread_comes_in_pieces() {
        let mut thread = vec![row(1, 0, 0, 200)];
        thread.extend((2..202).map(|number| row(number, 1, 0, 0)));
        let first = piece(&thread, 0);
        assert_eq!((first.shown.len(), first.rest), (PIECE, Some((PIECE, 140))));
        let mut from = 0;
        let mut seen = Vec::new();
        loop {
            let piece = piece(&thread, from);
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
        assert_eq!(all.last(), Some(&(MAX_DEPTH as u64 + 1, MAX_DEPTH - 1, 1)), "one more below");
        // One answer has a thousand answers, and each of those has one.
        let mut wide = vec![row(1, 0, 0, 3_000), row(2, 1, 0, 1_000)];
        wide.extend((3..1_003).map(|number| row(number, 2, 0, 1)));
        wide.extend((1_003..2_003).map(|number| row(number, number - 1_000, 0, 0)));
        let all = shown(&wide, 0);
        assert!(all.iter().filter(|(_, depth, _)| *depth == 2).count() < 2 * PIECE);
        assert!(all.iter().any(|(_, depth, more)| *depth == 1 && *more == 1), "said to have more");
    }
}
