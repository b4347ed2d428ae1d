//! The user's next key, and which keys others have now. These calls wait for the disk: run them in
//! [`Node::blocking`].

use upseed_model::{
    PublicKey, Record, SecretKey, SignedStatement, Statement, StatementDraft, StatementKind,
};
use upseed_store::Succession;

use crate::{Node, NodeError, ViewSetting, clock::now, rooms::Command, work};

/// The setting with the old key whose lists the new key has not said again yet.
const CARRY: &str = "carry_over";

/// The setting with what marks the torrents of a user who had another key before: a client knows them
/// by that mark.
pub(crate) const KEPT_TAG: &str = "client_tag";

/// How the user gives up their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// To a new key, which followers follow from then on.
    Succeed,
    /// To nobody: it was stolen, or is not wanted any more. The user goes on with a new key that nothing
    /// connects with it.
    Revoke,
}

impl Node {
    /// Gives the user another key, which is on the disk when this returns; the old one is kept in a file
    /// beside it. Votes, follows and profile go on with the new one. After an interruption it is called
    /// again.
    pub fn hand_over(&self, how: HandOver) -> Result<PublicKey, NodeError> {
        let inner = &self.inner;
        let no_key = || NodeError::Input("there is no key yet that could be given up".into());
        let old = inner.identity.get().ok_or_else(no_key)?;
        let next = inner.identity.next()?;
        let named = (how == HandOver::Succeed).then(|| next.public());
        match inner.store.succession(&old.public())? {
            None => self.write_succession(&old, (how == HandOver::Succeed).then_some(&next))?,
            // An earlier attempt came that far.
            Some(said) if said.current == named => {}
            Some(_) => {
                let error = "this key was revoked, or handed over to another one, before";
                return Err(NodeError::Input(error.into()));
            }
        }
        let _writing = inner.writing.lock();
        inner.store.set_setting(CARRY, Some(&old.public().to_hex()))?;
        let kept_tag = self.owner().tag;
        inner.store.set_setting(KEPT_TAG, Some(&kept_tag))?;
        *inner.kept_tag.lock() = Some(kept_tag);
        inner.store.succeed_me(next.public(), now())?;
        inner.identity.succeed(&next)?;
        self.view_settings().set(ViewSetting::BackedUp, None)?;
        inner.wake_votes.notify_one();
        Ok(next.public())
    }

    fn write_succession(
        &self,
        old: &SecretKey,
        next: Option<&std::sync::Arc<SecretKey>>,
    ) -> Result<(), NodeError> {
        let inner = &self.inner;
        let draft = StatementDraft {
            author: old.public(),
            boards: self.statement_boards()?,
            time: now(),
            content: Statement::Succession { next: next.map(|next| next.public()) },
        };
        let puzzle = self.puzzle(&draft)?;
        let nonce = work::search(&puzzle, || self.is_stopping(), |_| {});
        let nonce = nonce.ok_or(NodeError::Stopping)?;
        let bytes = match next {
            Some(next) => puzzle.sign_both(nonce, old, next),
            None => puzzle.sign(nonce, old),
        };
        let record = Record::Statement(SignedStatement::from_bytes(&bytes)?);
        let _writing = inner.writing.lock();
        inner.store.ingest(std::slice::from_ref(&record), now())?;
        inner.rooms.send(Command::Fresh(vec![record]));
        Ok(())
    }

    /// Says with the new key what the old one said; durable and told to others when this returns.
    pub(crate) fn carry_over(&self) -> Result<(), NodeError> {
        let store = &self.inner.store;
        let old = store.setting(CARRY)?.and_then(|key| key.parse::<PublicKey>().ok());
        let (Some(old), Some(me)) = (old, self.inner.identity.public()) else { return Ok(()) };
        if old == me {
            return Ok(());
        }
        let (lists, named): (Vec<_>, Vec<_>) =
            self.follow_lists(&old)?.into_iter().partition(|list| list.name.is_none());
        let mut people: Vec<_> = lists.into_iter().flat_map(|list| list.targets).collect();
        people.retain(|key| *key != me);
        self.follow_many(&self.current_keys(people)?)?;
        for list in named.into_iter().filter(|list| !list.targets.is_empty()) {
            if let (Some(name), [board]) = (&list.name, &list.boards[..]) {
                self.publish_starter_list(name, *board, list.targets)?;
            }
        }
        let profiles = store.statements_of(&old, StatementKind::Profile)?;
        let newest = profiles.iter().max_by_key(|profile| (profile.time(), profile.work()));
        let is_new = store.statements_of(&me, StatementKind::Profile)?.is_empty();
        if let (true, Some(profile)) = (is_new, newest) {
            self.write_profile(me, profile.content(), now())?;
        }
        Ok(store.set_setting(CARRY, None)?)
    }

    /// What became of a key; none if it is in use.
    pub fn succession(&self, key: &PublicKey) -> Result<Option<Succession>, NodeError> {
        Ok(self.inner.store.succession(key)?)
    }

    /// Keys that somebody had before this one.
    pub fn earlier_keys(&self, key: &PublicKey) -> Result<Vec<PublicKey>, NodeError> {
        Ok(self.inner.store.earlier_keys(key)?)
    }

    /// The keys that these people have now, ascending, without those that were revoked.
    pub(crate) fn current_keys(
        &self,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Result<Vec<PublicKey>, NodeError> {
        let mut current = Vec::new();
        for key in keys {
            current.extend(self.inner.store.current(&key)?);
        }
        current.sort_unstable();
        current.dedup();
        Ok(current)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use upseed_model::{BoardName, SecretKey};

    use super::*;
    use crate::testing;

    fn key(n: u8) -> PublicKey {
        SecretKey::from_seed(&[n; 32]).public()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_user_said_goes_on_with_the_new_key() {
        let (node, _folder) = testing::node().await;
        assert!(node.hand_over(HandOver::Succeed).is_err(), "there is no key yet");
        node.set_profile("Ann".into(), "About Ann.".into()).await.unwrap();
        node.follow(key(1), true).unwrap();
        let name = "Begin here".parse().unwrap();
        node.publish_starter_list(&name, BoardName::upseed(), vec![key(2)]).unwrap();
        let old = node.identity().public().unwrap();

        let new = node.hand_over(HandOver::Succeed).unwrap();
        node.carry_over().unwrap();
        assert_eq!((node.identity().public(), new == old), (Some(new), false));
        let mark = format!("upseed-{}", &old.to_hex()[..8]);
        assert_eq!(node.owner().tag, mark, "the client knows the torrents by it");
        let said = node.succession(&old).unwrap().unwrap();
        assert_eq!((said.current, node.earlier_keys(&new).unwrap()), (Some(new), vec![old]));
        assert_eq!(node.follows().unwrap(), [key(1)]);
        assert_eq!(node.follows_of(&old).unwrap(), [key(1)], "who asks for the old key");
        assert_eq!(node.my_starter_lists().unwrap()[0].people, [key(2)]);
        assert_eq!(node.profile_of(&new).unwrap().name, "Ann");
        let kept = node.folder().old_key(&old);
        assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let kept = SecretKey::from_phrase(&std::fs::read_to_string(kept).unwrap()).unwrap();
        assert_eq!(kept.public(), old);
        assert!(!node.folder().next_key().exists());
        // What is unfollowed now does not come back from the old key's lists.
        node.follow(key(1), false).unwrap();
        node.carry_over().unwrap();
        assert_eq!(node.follows().unwrap(), []);

        let newest = node.hand_over(HandOver::Revoke).unwrap();
        assert_eq!(node.succession(&new).unwrap().unwrap().current, None);
        assert_eq!(node.succession(&old).unwrap().unwrap().current, None, "it led there");
        assert_eq!(node.earlier_keys(&newest).unwrap(), []);
        assert_eq!(
            node.follow(old, true).unwrap_err().to_string(),
            "this key was revoked, or is claimed by two others"
        );
        node.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn somebody_with_any_number_of_earlier_keys_can_be_unfollowed() {
        let (node, _folder) = testing::node().await;
        node.follow(key(70), true).unwrap();
        let new = SecretKey::from_seed(&[99; 32]);
        for n in 1..=70 {
            let old = SecretKey::from_seed(&[n; 32]);
            let content = Statement::Succession { next: Some(new.public()) };
            let (boards, time) = (vec![BoardName::upseed()], now());
            let draft = StatementDraft { author: old.public(), boards, time, content };
            let puzzle = draft.puzzle(0);
            let bytes = puzzle.sign_both(puzzle.search(0, u64::MAX >> 1).unwrap(), &old, &new);
            let record = Record::Statement(SignedStatement::from_bytes(&bytes).unwrap());
            node.inner.store.ingest(&[record], now()).unwrap();
        }
        assert_eq!(node.follows().unwrap(), [new.public()]);
        assert_eq!(node.follow(new.public(), false).unwrap(), []);
        node.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_interrupted_is_finished_with_the_same_key() {
        let (node, _folder) = testing::node().await;
        let old = node.identity().get_or_create().unwrap();
        node.inner.store.set_me(Some(old.public())).unwrap();
        let next = node.identity().next().unwrap();
        node.write_succession(&old, Some(&next)).unwrap();
        assert!(node.hand_over(HandOver::Revoke).is_err(), "it was handed over already");
        assert_eq!(node.hand_over(HandOver::Succeed).unwrap(), next.public());
        node.stop().await;
    }
}
