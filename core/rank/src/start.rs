//! Whom a newcomer's ranks follow before the newcomer follows anybody.

use std::collections::BTreeMap;

use upseed_model::PublicKey;

/// So many follows of one's own, and nobody is added to them any more.
pub const ENOUGH_FOLLOWS: usize = 3;

/// So many upvoted posts make their author count as followed.
pub const ENOUGH_UPVOTES: u32 = 3;

/// Whom a reader with so few `follows` follows for the time being: the authors of three or more of
/// the posts that the reader upvoted (an author for each post), the most upvoted first, then by key.
/// Never the reader or whoever is followed or muted (`is_left_out`).
pub fn provisional(
    follows: usize,
    authors_of_upvoted: impl IntoIterator<Item = PublicKey>,
    is_left_out: impl Fn(&PublicKey) -> bool,
) -> Vec<PublicKey> {
    if follows >= ENOUGH_FOLLOWS {
        return Vec::new();
    }
    let mut posts: BTreeMap<PublicKey, u32> = BTreeMap::new();
    for author in authors_of_upvoted {
        *posts.entry(author).or_default() += 1;
    }
    posts.retain(|author, count| *count >= ENOUGH_UPVOTES && !is_left_out(author));
    let mut chosen: Vec<_> = posts.into_iter().collect();
    // A stable sort: equal ones stay in the order of their keys.
    chosen.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    chosen.into_iter().map(|(author, _)| author).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_upvoted_posts_count_as_a_follow_until_there_are_three() {
        let key = |n: u8| PublicKey::from_bytes([n; 32]).unwrap();
        let upvoted = [5, 5, 5, 3, 3, 9, 9, 9, 9, 2, 2, 2, 7, 7, 7].map(key);
        let nobody = |_: &PublicKey| false;
        assert_eq!(provisional(0, upvoted, nobody), [9, 2, 5, 7].map(key));
        assert_eq!(provisional(2, upvoted, |author| *author == key(2)), [9, 5, 7].map(key));
        assert_eq!(provisional(3, upvoted, nobody), []);
    }
}
