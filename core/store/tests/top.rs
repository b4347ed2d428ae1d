//! Lists out of indexes against a list that is sorted as a whole.

#![allow(clippy::unwrap_used)]

mod common;

use common::{NOW, board, post};
use proptest::{prelude::*, test_runner::RngSeed};
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_store::{Store, TopQuery, bench::FakePost};

fn boards() -> [BoardName; 3] {
    ["a", "b", "c"].map(board)
}

/// Times that crowd around the edges of windows and buckets, few different votes, many ties.
fn posts() -> impl Strategy<Value = Vec<FakePost>> {
    let time = prop_oneof![
        (0_u64..100_000).prop_map(|ago| NOW - ago),
        (0_u64..86_400 * 40).prop_map(|ago| NOW - ago),
        (0_u64..86_400 * 500).prop_map(|ago| NOW - ago),
        (0_u64..900, 0_u64..4).prop_map(|(day, s)| NOW - day * 86_400 - s),
        (1_u64..400).prop_map(|ahead| NOW + ahead * 86_400),
    ];
    let votes = prop_oneof![0_u32..4, 0_u32..2_000];
    let one = (any::<[u8; 32]>(), 0_usize..3, time, votes, prop::bool::weighted(0.2));
    prop::collection::vec(one, 0..300).prop_map(|posts| {
        let mut posts: Vec<_> = posts
            .into_iter()
            .map(|(mut work, board, time, votes, hidden)| {
                work[0] = 0;
                FakePost { work, board: boards()[board], time, votes, hidden }
            })
            .collect();
        posts.sort_unstable_by_key(|post| post.work);
        posts.dedup_by_key(|post| post.work);
        posts
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40, rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default()
    })]

    #[test]
    fn every_window_and_order_is_what_sorting_gives(
        posts in posts(),
        limit in 0_u32..60,
        later in prop_oneof![Just(0_u64), 0_u64..86_400 * 2],
        picked in prop::sample::subsequence(boards().to_vec(), 1..=3),
        hidden in any::<bool>(),
    ) {
        let store = Store::open_in_memory().unwrap();
        let header = post(1, board("a"), "any", NOW);
        store.insert_fakes(&header, posts.into_iter()).unwrap();
        for window in Window::ALL {
            for sort in Sort::ALL {
                let now = NOW + later;
                let query = TopQuery {
                    boards: picked.clone(), window, sort, limit, now, hidden, texts: false, known: None,
                };
                let mut expected =
                    store.oracle_top(&picked, (window, sort), (now, hidden)).unwrap();
                expected.truncate(limit as usize);
                prop_assert_eq!(store.top_works(&query).unwrap(), expected, "{} {}", window, sort);
            }
        }
    }
}

#[test]
fn the_edge_of_a_window_may_hide_behind_better_posts() {
    // More than EDGE better posts of the same day lie just before the window.
    let store = Store::open_in_memory().unwrap();
    let header = post(1, board("a"), "any", NOW);
    let now = NOW + 50_000;
    let fakes = (0..4_000_u32).map(|n| {
        let mut work = [0; 32];
        work[4..8].copy_from_slice(&n.to_be_bytes());
        let before = n < 3_000;
        let time = now - 86_400 - u64::from(before) * 100 + u64::from(n % 90);
        FakePost {
            work,
            board: board("a"),
            time,
            votes: if before { 9 } else { n % 7 },
            hidden: false,
        }
    });
    store.insert_fakes(&header, fakes).unwrap();
    for sort in Sort::ALL {
        let window = Window::Day;
        let boards = vec![board("a")];
        let mut expected = store.oracle_top(&boards, (window, sort), (now, false)).unwrap();
        assert_eq!(expected.len(), 1_000);
        expected.truncate(30);
        let query = TopQuery {
            boards,
            window,
            sort,
            limit: 30,
            now,
            hidden: false,
            texts: false,
            known: None,
        };
        assert_eq!(store.top_works(&query).unwrap(), expected, "{sort}");
    }
}
