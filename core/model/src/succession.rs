//! Which key a person has now, out of what their keys said about who succeeds them.

use crate::limits::MAX_SUCCESSIONS;

/// What all successions of one key say together. The same for every order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<K> {
    /// There are none: the key is in use.
    Nothing,
    /// Each one names this key.
    Next(K),
    /// The key was revoked, or two successions name different keys: nobody succeeds.
    Ended,
}

impl<K: Copy + Eq> Said<K> {
    /// Out of the `next` of each succession.
    pub fn of(successions: impl IntoIterator<Item = Option<K>>) -> Self {
        let add = |said, next| match (said, next) {
            (Self::Nothing, Some(next)) => Self::Next(next),
            (Self::Next(known), Some(next)) if known == next => said,
            _ => Self::Ended,
        };
        successions.into_iter().fold(Self::Nothing, add)
    }
}

/// The key that stands at the end of the chain that begins with `key`, often itself. None if the chain
/// comes to a key that ended, goes in a circle or is too long.
pub fn current<K: Copy + Eq, E>(
    key: K,
    mut said: impl FnMut(K) -> Result<Said<K>, E>,
) -> Result<Option<K>, E> {
    let mut at = key;
    for _ in 0..=MAX_SUCCESSIONS {
        match said(at)? {
            Said::Nothing => return Ok(Some(at)),
            Said::Next(next) => at = next,
            Said::Ended => return Ok(None),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn end(chain: &[(u32, Option<u32>)], key: u32) -> Option<u32> {
        let said = |key| {
            let of_key = chain.iter().filter(|(old, _)| *old == key).map(|(_, next)| *next);
            Ok::<_, Infallible>(Said::of(of_key))
        };
        current(key, said).unwrap()
    }

    #[test]
    fn a_chain_leads_to_its_last_key() {
        let chain = [(1, Some(2)), (2, Some(3)), (7, Some(2))];
        assert_eq!([1, 2, 3, 7, 9].map(|key| end(&chain, key)), [3, 3, 3, 3, 9].map(Some));
    }

    #[test]
    fn rivals_and_revocations_end_a_key_in_whatever_order_they_came() {
        let rivals = [Some(2), Some(3)];
        assert_eq!(Said::of(rivals), Said::Ended);
        assert_eq!(Said::of(rivals.into_iter().rev()), Said::Ended);
        assert_eq!(Said::of([Some(2), Some(3), Some(2)]), Said::Ended);
        assert_eq!(Said::of([Some(2), Some(2)]), Said::Next(2), "said twice");
        assert_eq!(Said::of([None, Some(2)]), Said::<u32>::Ended);
        assert_eq!(Said::of([Some(2), None]), Said::Ended);
        // Also for those who lead to it; not for whom it named.
        let chain = [(1, Some(2)), (2, Some(3)), (2, None)];
        assert_eq!([1, 2, 3].map(|key| end(&chain, key)), [None, None, Some(3)]);
    }

    #[test]
    fn circles_and_chains_that_are_too_long_lead_nowhere() {
        let circle = [(1, Some(2)), (2, Some(1)), (3, Some(1))];
        assert_eq!([1, 2, 3].map(|key| end(&circle, key)), [None; 3]);
        let most = MAX_SUCCESSIONS as u32;
        let long: Vec<_> = (0..=most).map(|key| (key, Some(key + 1))).collect();
        assert_eq!(end(&long, 1), Some(most + 1));
        assert_eq!(end(&long, 0), None);
    }
}
