//! What the view keeps in the node's database: its secrets, and what its reader chose.

use upseed_store::{Draft, Store};

use crate::{Claim, Node, NodeError};

/// Something that the view keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewSetting {
    /// What the cookie of its pages holds.
    Session,
    /// The read-only token of its feeds.
    FeedToken,
    /// The colours.
    Theme,
    /// Whether the reader was told what an upvote shows to others.
    VoteAgreed,
    /// When the inbox was last read, in unix seconds.
    InboxRead,
    /// Whether the key's 24 words were shown.
    BackedUp,
    /// Whether the reader was asked for a name.
    NameAsked,
    /// Whether lists are dense.
    Compact,
    /// Whether links that the reader shares name this node's address.
    ShareAddress,
}

impl ViewSetting {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "view-session",
            Self::FeedToken => "feed-token",
            Self::Theme => "theme",
            Self::VoteAgreed => "vote-agreed",
            Self::InboxRead => "inbox-read",
            Self::BackedUp => "backed-up",
            Self::NameAsked => "name-asked",
            Self::Compact => "compact",
            Self::ShareAddress => "share-address",
        }
    }
}

/// What the view keeps. Cheap to clone. Its calls wait for the disk.
#[derive(Clone)]
pub struct ViewSettings(Store);

impl ViewSettings {
    /// The settings of a folder on which no node runs.
    pub fn of(claim: &Claim) -> Result<Self, NodeError> {
        let folder = claim.folder();
        folder.create_database()?;
        let store = Store::open(&folder.database());
        Ok(Self(store.map_err(|error| NodeError::from(error).on_disk_of(folder.path()))?))
    }

    /// What is kept.
    pub fn get(&self, setting: ViewSetting) -> Result<Option<String>, NodeError> {
        Ok(self.0.setting(setting.name())?)
    }

    /// Whether anything is kept.
    pub fn has(&self, setting: ViewSetting) -> Result<bool, NodeError> {
        Ok(self.get(setting)?.is_some())
    }

    /// When the reader last looked at a page of the view, in unix seconds.
    pub fn visited(&self, page: &str) -> Result<Option<u64>, NodeError> {
        Ok(self.0.visited(page)?)
    }

    /// The reader looks at a page of the view.
    pub fn visit(&self, page: &str, now: u64) -> Result<(), NodeError> {
        Ok(self.0.visit(page, now)?)
    }

    /// What the reader is writing for a place.
    pub fn draft(&self, target: &str) -> Result<Option<Draft>, NodeError> {
        Ok(self.0.draft(target)?)
    }

    /// Keeps what the reader is writing, or forgets it.
    pub fn set_draft(&self, target: &str, draft: Option<&Draft>) -> Result<(), NodeError> {
        Ok(self.0.set_draft(target, draft, crate::now())?)
    }

    /// Keeps it, or forgets it.
    pub fn set(&self, setting: ViewSetting, value: Option<&str>) -> Result<(), NodeError> {
        Ok(self.0.set_setting(setting.name(), value)?)
    }
}

impl Node {
    /// What the view keeps.
    pub fn view_settings(&self) -> ViewSettings {
        ViewSettings(self.inner.store.clone())
    }
}
