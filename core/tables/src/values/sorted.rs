//! Lists that ascend strictly.

/// What is in the first list and not in the second.
pub fn without<'a, T: Ord>(
    list: &'a [T],
    other: &'a [T],
) -> impl Iterator<Item = &'a T> + use<'a, T> {
    list.iter().filter(|entry| other.binary_search(entry).is_err())
}
