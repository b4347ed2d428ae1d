//! What is known of people. These calls wait for the disk: run them in [`Node::blocking`].

use upseed_model::{BoardName, PublicKey, Statement, StatementKind};
use upseed_store::Settle;

use crate::{Node, NodeError, clock::now};

/// What somebody says about themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// A name; empty if they gave none. Nobody else vouches for it.
    pub name: String,
    /// A few words.
    pub about: String,
    /// The boards on which they say they are.
    pub boards: Vec<BoardName>,
}

impl Node {
    /// The newest profile of a person, on any boards: with the key that they have now, else with one
    /// that they had.
    pub fn profile_of(&self, key: &PublicKey) -> Result<Profile, NodeError> {
        let store = &self.inner.store;
        let key = store.current(key)?.unwrap_or(*key);
        let mut all = store.statements_of(&key, StatementKind::Profile)?;
        if all.is_empty() {
            for key in store.earlier_keys(&key)? {
                all.extend(store.statements_of(&key, StatementKind::Profile)?);
            }
        }
        let newest = all.iter().max_by_key(|statement| (statement.time(), statement.work()));
        Ok(match newest.map(|statement| statement.content()) {
            Some(Statement::Profile { name, about, active, .. }) => {
                Profile { name: name.clone(), about: about.clone(), boards: active.clone() }
            }
            _ => Profile::default(),
        })
    }

    /// The keys whose texts the user does not want to read.
    pub fn mutes(&self) -> Result<Vec<PublicKey>, NodeError> {
        Ok(self.inner.store.mutes()?)
    }

    /// Mutes somebody with each key that they have or had, or shows them again. Nobody is told. What the
    /// user upvoted of theirs is not hosted meanwhile, though the vote stays; what the client hosts of
    /// theirs without a vote leaves.
    pub fn mute(&self, who: &PublicKey, mute: bool) -> Result<(), NodeError> {
        let store = &self.inner.store;
        let who = store.current(who)?.unwrap_or(*who);
        for key in store.earlier_keys(&who)?.iter().chain([&who]) {
            if mute {
                store.mute(key, now())?;
                for stepped in store.stop_unvoted(key, now())? {
                    self.carry_out(&stepped)?;
                }
            } else {
                store.unmute(key)?;
            }
        }
        self.settle_hosting(Settle::All)
    }
}
