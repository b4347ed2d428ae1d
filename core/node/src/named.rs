//! Whom and what a name, or the beginning of a key or an id, may mean. These calls wait for the
//! disk: run them in [`Node::blocking`].

use std::ops::RangeInclusive;

use upseed_model::{Infohash, PublicKey};
use upseed_store::is_same_name;

use crate::{Node, NodeError};

/// People or items that are looked at: who finds so many has not said which one they mean.
const MOST: u32 = 100;

impl Node {
    /// Everybody who has this display name now, by their current keys.
    pub fn keys_named(&self, name: &str) -> Result<Vec<PublicKey>, NodeError> {
        let found = self.inner.store.keys_named(name, MOST)?;
        // A profile of another board, or of an earlier key, may say what is not so any more. Of very many
        // that is not looked up: leaving some of them out could leave one where there are more.
        let is_cut = found.len() == MOST as usize;
        let mut people = self.current_keys(found)?;
        if !is_cut {
            let mut checked = Vec::with_capacity(people.len());
            for key in people {
                if is_same_name(&self.profile_of(&key)?.name, name) {
                    checked.push(key);
                }
            }
            people = checked;
        }
        Ok(people)
    }

    /// Keys in a range, of all that any record here has named; 100 at most.
    pub fn keys_between(
        &self,
        range: &RangeInclusive<[u8; 32]>,
    ) -> Result<Vec<PublicKey>, NodeError> {
        Ok(self.inner.store.keys_between(range, MOST)?)
    }

    /// Items here in a range; 100 at most.
    pub fn items_between(
        &self,
        range: &RangeInclusive<[u8; 20]>,
    ) -> Result<Vec<Infohash>, NodeError> {
        Ok(self.inner.store.items_between(range, MOST)?)
    }
}
