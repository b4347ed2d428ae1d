//! How far the hosting of an item has come.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// How far the hosting of an item has come that its user upvoted or wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostingState {
    /// Nothing was done yet.
    Wanted,
    /// The text is being fetched.
    Fetching,
    /// A client was given the torrent and does not say, or not any more, that it seeds.
    Handed,
    /// A client says that it seeds.
    Hosting,
    /// It did not work; it is tried again.
    Failed,
    /// The vote was taken back, and the client must still be told.
    Leaving,
    /// The client had it and has lost it, as far as one can tell not by the user's doing: the user
    /// is asked.
    Missing,
    /// It is not to be hosted although the vote stays, and the client must still be told: its author
    /// was muted, or retracted it.
    Stopping,
    /// It is not hosted although the vote stays.
    Stopped,
    /// It was removed in the client. That takes the vote back, and no ballot says so yet: with more that go, the user is asked.
    Removed,
    /// It is hosted within a pack, and not as a torrent of its own.
    Packed,
}

impl HostingState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Wanted,
        Self::Fetching,
        Self::Handed,
        Self::Hosting,
        Self::Failed,
        Self::Leaving,
        Self::Missing,
        Self::Stopping,
        Self::Stopped,
        Self::Removed,
        Self::Packed,
    ];

    /// Whether an item with this task is to be given to others, or will be.
    pub const fn is_to_host(self) -> bool {
        !matches!(self, Self::Leaving | Self::Stopping | Self::Stopped | Self::Removed)
    }

    /// Whether it is hosted or to be, or stands still, as far as anybody is told.
    pub const fn is_told(self) -> bool {
        !matches!(self, Self::Leaving | Self::Removed)
    }

    /// The name in JSON. What is leaving is not hosted any more, as far as anybody is told: `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Fetching => "fetching",
            Self::Handed => "handed",
            Self::Hosting => "hosting",
            Self::Failed => "failed",
            Self::Leaving => "none",
            Self::Missing => "missing",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
            Self::Packed => "packed",
        }
    }
}

impl fmt::Display for HostingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an item's hosting looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostingStatus {
    /// It is to be hosted, because its user upvoted or wrote it.
    Task(HostingState),
    /// It is in the user's client without a vote: `guest`.
    Unvoted,
}

impl HostingStatus {
    /// Every status.
    pub const ALL: [Self; 12] = [
        Self::Task(HostingState::Wanted),
        Self::Task(HostingState::Fetching),
        Self::Task(HostingState::Handed),
        Self::Task(HostingState::Hosting),
        Self::Task(HostingState::Failed),
        Self::Task(HostingState::Leaving),
        Self::Task(HostingState::Missing),
        Self::Task(HostingState::Stopping),
        Self::Task(HostingState::Stopped),
        Self::Task(HostingState::Removed),
        Self::Task(HostingState::Packed),
        Self::Unvoted,
    ];

    /// Of an item with this task, if it has one, and that is in the client without a vote or not.
    /// Nothing if it is not hosted and not going to be.
    pub fn of(task: Option<HostingState>, unvoted: bool) -> Option<Self> {
        let task = task.filter(|state| state.is_told()).map(Self::Task);
        task.or(unvoted.then_some(Self::Unvoted))
    }

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Task(state) => state.as_str(),
            Self::Unvoted => "guest",
        }
    }
}

impl From<HostingState> for HostingStatus {
    fn from(state: HostingState) -> Self {
        Self::Task(state)
    }
}

impl fmt::Display for HostingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is that of no state of hosting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a state of hosting: expected wanted, fetching, handed, hosting, failed, missing, stopping, stopped, removed, packed, guest or none"
)]
pub struct UnknownHosting(String);

impl FromStr for HostingState {
    type Err = UnknownHosting;

    fn from_str(name: &str) -> Result<Self, UnknownHosting> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == name);
        found.ok_or_else(|| UnknownHosting(name.into()))
    }
}

impl FromStr for HostingStatus {
    type Err = UnknownHosting;

    fn from_str(name: &str) -> Result<Self, UnknownHosting> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == name);
        found.ok_or_else(|| UnknownHosting(name.into()))
    }
}

impl Serialize for HostingState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for HostingStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for HostingState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for HostingStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_has_one_name_in_json_too() {
        for status in HostingStatus::ALL {
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("{:?}", status.to_string()));
            assert_eq!(serde_json::from_str::<HostingStatus>(&json).unwrap(), status);
        }
        for state in HostingState::ALL {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<HostingState>(&json).unwrap(), state);
        }
        assert!("leaving".parse::<HostingState>().is_err());
        assert!(serde_json::from_str::<HostingState>("\"guest\"").is_err());
    }

    #[test]
    fn what_is_leaving_may_be_there_without_a_vote() {
        let of = |state, unvoted| HostingStatus::of(state, unvoted).map(HostingStatus::as_str);
        assert_eq!(of(None, false), None);
        assert_eq!(of(Some(HostingState::Leaving), false), None);
        assert_eq!(of(Some(HostingState::Leaving), true), Some("guest"));
        assert_eq!(of(Some(HostingState::Removed), false), None);
        assert_eq!(of(Some(HostingState::Failed), true), Some("failed"));
    }
}
