//! Hosting in line with whom the user muted and with what authors retracted.

use upseed_model::moderation::KeepRetracted;
use upseed_store::Settle;

use crate::{Node, NodeError, clock::now};

const SETTING: &str = "keep-retracted";

impl Node {
    /// Stops and resumes what is to be. Waits for the disk.
    pub(crate) fn settle_hosting(&self, which: Settle) -> Result<(), NodeError> {
        let stepped = self.inner.store.settle_hosting(which, self.keeps_retracted()?, now())?;
        stepped.iter().try_for_each(|stepped| self.carry_out(stepped))
    }

    /// What becomes of the hosting of an item when its author retracts it.
    pub fn keeps_retracted(&self) -> Result<KeepRetracted, NodeError> {
        let kept = self.inner.store.setting(SETTING)?;
        Ok(kept.and_then(|kept| kept.parse().ok()).unwrap_or_default())
    }

    /// Sets what becomes of the hosting of an item when its author retracts it. It holds for earlier
    /// ones too, if the user has not decided about them.
    pub fn set_keeps_retracted(&self, keep: KeepRetracted) -> Result<(), NodeError> {
        self.inner.store.set_setting(SETTING, Some(keep.as_str()))?;
        self.settle_hosting(Settle::Retracted)
    }
}
