//! What can go wrong in a node, who can mend it, and how.

use std::path::{Path, PathBuf};

use upseed_client::ClientError;
use upseed_folder::{DiskKind, FolderError, NETWORK_HINT};
use upseed_model::{
    BoardName, Infohash, PublicKey, RecordError, magnet::MagnetError, torrent::TorrentError,
};
use upseed_rooms::{FetchFailure, RoomsError};
use upseed_store::StoreError;
use upseed_swarm::SwarmError;

/// Who can mend an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The user: exit code 1, HTTP 4xx.
    User,
    /// Nobody but us: exit code 3, HTTP 500.
    Fault,
}

/// An error of the node.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// What was asked for cannot be done as it was asked.
    #[error("{0}")]
    Input(String),
    /// Not a valid record.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// Not a .torrent of an item.
    #[error("{0}")]
    Torrent(#[from] TorrentError),
    /// Not a magnet link.
    #[error("{0}")]
    Magnet(#[from] MagnetError),
    /// Neither known nor found in time.
    #[error("no peer has item {0}")]
    UnknownItem(Infohash),
    /// Words that mean nobody and nothing here.
    #[error("{0}")]
    Unnamed(String),
    /// Words that mean several people or items: in words for people.
    #[error("{text:?} may be any of these: {candidates}")]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// Those.
        candidates: String,
    },
    /// A valid comment that cannot stand where it wants to.
    #[error("this comment cannot be placed: {0}")]
    Unplaced(&'static str),
    /// A node with very many follows has just started.
    #[error("who follows whom is still being loaded")]
    Loading,
    /// The header is known and the text is not to be had now.
    #[error("no host of item {0} is online now")]
    NoText(Infohash),
    /// An item whose hashes contradict each other.
    #[error("item {0} cannot be read: its text does not match its header")]
    Dead(Infohash),
    /// A torrent that is not taken as an item.
    #[error("torrent {infohash}: {reason}")]
    Foreign {
        /// Which one.
        infohash: Infohash,
        /// Whether that is for good.
        failure: FetchFailure,
        /// What is wrong with it.
        reason: String,
    },
    /// A board that this node has not joined.
    #[error("board {0} is not joined")]
    NotJoined(BoardName),
    /// A port or an address that cannot be listened on.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// What was asked for.
        address: String,
        /// The system's word.
        reason: String,
    },
    /// The key file is not what was written.
    #[error("the key file {} is damaged: {reason}", path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database is that of a user whose key is not there.
    #[error("the key file {} is missing, and the database beside it is that of {author}", path.display())]
    KeyMissing {
        /// Where it should be.
        path: PathBuf,
        /// Whose the database is.
        author: PublicKey,
    },
    /// What a database needs of a disk and this one does not have.
    #[error("{source} (on a network disk: {kind})")]
    NetworkDisk {
        /// Which one.
        kind: DiskKind,
        /// What went wrong on it.
        source: Box<StoreError>,
    },
    /// A record made now would be of a time before there were any.
    #[error("this machine's clock is wrong: it shows a date before 14 November 2023")]
    Clock,
    /// The node is stopping.
    #[error("the node is stopping")]
    Stopping,
    /// A torrent client that refused or failed.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// libtorrent.
    #[error("{0}")]
    Swarm(#[from] SwarmError),
    /// The thread that talks with other nodes.
    #[error("{0}")]
    Rooms(#[from] RoomsError),
    /// What cannot happen, happened.
    #[error("{0}")]
    Fault(String),
    /// Packs.
    #[error(transparent)]
    Levels(#[from] upseed_levels::LevelsError),
}

impl NodeError {
    /// The same of a file or a database of this folder. On a disk of the network it may be no fault of the file's.
    pub(crate) fn on_disk_of(self, folder: &Path) -> Self {
        match self {
            Self::Folder(error) => Self::Folder(error.on_disk_of(folder)),
            Self::Store(error @ StoreError::Sqlite { .. }) if error.is_the_users() => {
                match DiskKind::network_of(folder) {
                    Some(kind) => Self::NetworkDisk { kind, source: Box::new(error) },
                    None => Self::Store(error),
                }
            }
            other => other,
        }
    }

    /// Who can mend it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Store(error) if error.is_the_users() => Kind::User,
            Self::Store(_)
            | Self::Rooms(_)
            | Self::Fault(_)
            | Self::Levels(_)
            | Self::Folder(FolderError::Random(_)) => Kind::Fault,
            _ => Kind::User,
        }
    }

    /// What to do about it, where that is not obvious.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownItem(_) => {
                "Try its magnet link or .torrent, or join its board and wait for it to sync.".into()
            }
            Self::Unnamed(_) => "A person is named by their key, its first letters, or a display name; an item by its \
                                 id, the first four digits of it or more, or a magnet link."
                .into(),
            Self::Ambiguous { .. } => {
                "Name one of them by the beginning of its key or id, as it stands there.".into()
            }
            Self::Loading => "Try again in a few seconds.".into(),
            Self::NoText(_) => "It appears as soon as a host comes online.".into(),
            Self::NotJoined(board) => format!("Join it: upseed board join {board}"),
            Self::Listen { address, .. } => {
                let port = address.rsplit(':').next().unwrap_or_default();
                format!(
                    "Stop what uses it (`ss -tulpn 'sport = :{port}'` shows it), or choose another \
                     one with --listen or --swarm-listen (port 0 takes any free port)."
                )
            }
            Self::Record(RecordError::Ordinary) => {
                "Upseed hosts only texts that were posted with Upseed.".into()
            }
            Self::Store(StoreError::Full) => "Free some space on that disk and try again.".into(),
            Self::Store(StoreError::Corrupt { .. }) => {
                "Restore it from a backup, or move it away and start over: your key is in a \
                 separate file, and what others host comes back."
                    .into()
            }
            Self::Store(error @ StoreError::Sqlite { .. }) if error.is_the_users() => {
                "Check whether the disk is full or failing, and whether you may write to the file."
                    .into()
            }
            Self::Store(StoreError::Foreign { .. }) => "Choose another folder with --data.".into(),
            Self::Clock => {
                "Set it, for example with `timedatectl set-ntp true`, and try again.".into()
            }
            Self::Key { .. } => "Move it away, then restore your key from its 24 words: `upseed \
                                 identity restore`."
                .into(),
            Self::KeyMissing { .. } => "Put the file back, or restore your key from its 24 words: \
                                        `upseed identity restore`. To begin as somebody else, choose \
                                        another folder with --data."
                .into(),
            Self::Folder(error) => return error.hint(),
            Self::NetworkDisk { .. } => NETWORK_HINT.into(),
            _ => return None,
        })
    }
}
