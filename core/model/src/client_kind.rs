//! Which torrent client seeds for a user.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The four clients that Upseed drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// libtorrent in the node's own process.
    Embedded,
    /// qBittorrent, over its Web API.
    Qbittorrent,
    /// Transmission, over its RPC.
    Transmission,
    /// Deluge, from within deluged.
    Deluge,
}

impl ClientKind {
    /// Every client.
    pub const ALL: [Self; 4] =
        [Self::Embedded, Self::Qbittorrent, Self::Transmission, Self::Deluge];

    /// The name in JSON, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Qbittorrent => "qbittorrent",
            Self::Transmission => "transmission",
            Self::Deluge => "deluge",
        }
    }
}

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is none of a client that Upseed drives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a client: expected embedded, qbittorrent, transmission or deluge")]
pub struct UnknownClient(String);

impl FromStr for ClientKind {
    type Err = UnknownClient;

    fn from_str(name: &str) -> Result<Self, UnknownClient> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| UnknownClient(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_name() {
        for kind in ClientKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("qBittorrent".parse::<ClientKind>().is_err());
    }
}
