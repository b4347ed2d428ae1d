//! To whose labels the user subscribes.

use std::collections::HashSet;

use upseed_model::{PublicKey, moderation::LabelActions};
use upseed_tables::{
    values::{
        error::StoreError,
        moderation::{Preview, SubscriptionRow},
    },
    work::{
        boards, label_log, labels,
        names::{key_id, known_key},
        preview, subscriptions,
    },
};

use crate::connection::Store;

impl Store {
    /// Subscribes to somebody's labels, or changes what they do. What they hide is hidden when this
    /// returns.
    pub fn subscribe(
        &self,
        labeller: &PublicKey,
        actions: &LabelActions,
        now: u64,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let labeller = key_id(db, labeller)?;
            subscriptions::put(db, labeller, actions, now)?;
            label_log::update(db, labeller, now)?;
            labels::refresh(db, labeller)
        })
    }

    /// Ends a subscription: all is shown again as if it had never been. False if there was none.
    pub fn unsubscribe(&self, labeller: &PublicKey) -> Result<bool, StoreError> {
        self.write(|db| {
            let Some(labeller) = known_key(db, labeller)? else { return Ok(false) };
            let mut delete = db.prepare_cached("DELETE FROM subscriptions WHERE labeller = ?1")?;
            if delete.execute([labeller])? == 0 {
                return Ok(false);
            }
            labels::refresh(db, labeller)?;
            Ok(true)
        })
    }

    /// Every subscription, the oldest first.
    pub fn subscriptions(&self) -> Result<Vec<SubscriptionRow>, StoreError> {
        self.read(subscriptions::all)
    }

    /// What a subscription with these actions would do to the posts since that moment on the boards
    /// that the user joined. `followed`: whom the user follows.
    pub fn preview(
        &self,
        labeller: &PublicKey,
        actions: &LabelActions,
        since: u64,
        followed: &[PublicKey],
    ) -> Result<Preview, StoreError> {
        self.read(|db| {
            let Some(labeller) = known_key(db, labeller)? else { return Ok(Preview::default()) };
            let mut numbers = HashSet::new();
            for key in followed {
                numbers.extend(known_key(db, key)?);
            }
            let boards: Vec<_> = boards::joined(db)?.into_iter().map(|board| board.name).collect();
            preview::preview(db, labeller, actions, &boards, since, &numbers)
        })
    }
}
