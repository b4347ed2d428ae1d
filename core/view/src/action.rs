//! What the forms of the view do.

/// Where a form goes. Each is answered to POST only, and carries `page_token` and `back`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `up` or `down` = infohash.
    Vote,
    /// A post or a comment, or a preview of it.
    Publish,
    /// `key` and `do`.
    Person,
    /// `do`, with what it needs of `list`, `board`, `name`, and keys in hex, each the name of a box that
    /// is ticked.
    Starter,
    /// `join` or `leave` = board.
    Board,
    /// `id` or `key`, `value`, `reason`.
    Label,
    /// `id`.
    Retract,
    /// `save`, `unsave`, `hide` or `unhide` = infohash.
    Keep,
    /// What [`Action::Publish`] takes, to be kept until then.
    Draft,
    /// `page`: a list or a thread that the reader looks at.
    Seen,
    /// `q`: a link to something that is not here yet.
    Open,
    /// `do` = add or drop: whether shared links name the node's address.
    Share,
    /// `key`, `value` and `action` (many), `other`, `do` = subscribe, preview or unsubscribe.
    Labels,
    /// `do`, and what it is about: `id`, `work`, `key`, `entry` or `keep`.
    Moderation,
    /// Everything in the inbox is read.
    Inbox,
    /// `name`, `about`.
    Profile,
    /// The settings.
    Settings,
    /// Shows the 24 words.
    Backup,
    /// `do` = succeed or revoke: another key; shows its 24 words.
    Succeed,
    /// `phrase`.
    Restore,
    /// `do` = create or revoke.
    Feed,
    /// `do` = host or withdraw: all items that the client has lost, or the one of `id` that was removed there.
    Missing,
}

impl Action {
    /// The path below the prefix.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Vote => "vote",
            Self::Publish => "publish",
            Self::Person => "person",
            Self::Starter => "starter",
            Self::Board => "board",
            Self::Label => "label",
            Self::Retract => "retract",
            Self::Keep => "keep",
            Self::Draft => "draft",
            Self::Seen => "seen",
            Self::Open => "link",
            Self::Share => "share",
            Self::Labels => "labels",
            Self::Moderation => "moderation",
            Self::Inbox => "inbox",
            Self::Profile => "profile",
            Self::Settings => "settings",
            Self::Backup => "backup",
            Self::Succeed => "succeed",
            Self::Restore => "restore",
            Self::Feed => "feed",
            Self::Missing => "missing",
        }
    }
}
