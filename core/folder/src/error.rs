//! What can go wrong with a data folder, and what to do about it.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::disk::{DiskKind, NETWORK_HINT};

/// An error of the data folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file of the data folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Something else lies where the folder should be.
    #[error("{}: not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// SQLite could not open a database there.
    #[error(
        "the path of the data folder is too long: {length} bytes with its database, and at most {longest} can be \
         opened; give a shorter one with --data"
    )]
    PathTooLong {
        /// Bytes of the database's path.
        length: usize,
        /// As many can be opened.
        longest: usize,
    },
    /// Another process uses the data folder.
    #[error("another upseed (process {pid}) is running on {}", folder.display())]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// The other process.
        pid: String,
    },
    /// The database was emptied.
    #[error("the database {} is empty, and there is a key beside it", .0.display())]
    EmptyDatabase(PathBuf),
    /// Whatever is written on that disk is open to others.
    #[error(
        "{} is on a disk that keeps no permissions{}: everybody who uses this machine could read what is in it, \
         your secret key and your votes too", folder.display(), in_brackets(kind.as_ref())
    )]
    OpenDisk {
        /// The data folder.
        folder: PathBuf,
        /// What the disk is, if that is known.
        kind: Option<DiskKind>,
        /// The file that says to go on.
        accept: PathBuf,
    },
    /// What a data folder needs of a disk and this one does not have.
    #[error("{source} (on a network disk: {kind})")]
    NetworkDisk {
        /// Which one.
        kind: DiskKind,
        /// What went wrong on it.
        source: Box<Self>,
    },
    /// The system gives no random bytes: nothing that its user can mend.
    #[error("{0}")]
    Random(getrandom::Error),
}

impl FolderError {
    /// What the system said of a file of the data folder.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// The same of a file of this folder. On a disk of the network it may be no fault of the file's.
    pub fn on_disk_of(self, folder: &Path) -> Self {
        let may_be =
            matches!(&self, Self::File { source, .. } if source.kind() != ErrorKind::StorageFull);
        match may_be.then(|| DiskKind::network_of(folder)).flatten() {
            Some(kind) => Self::NetworkDisk { kind, source: Box::new(self) },
            None => self,
        }
    }

    /// What to do about it, where that is not obvious.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::File { source, .. } if source.kind() == ErrorKind::StorageFull => {
                "Free some space on that disk and try again.".into()
            }
            Self::Locked { .. } => {
                "Use that one, stop it, or choose another folder with --data.".into()
            }
            Self::EmptyDatabase(_) => "Put a backup of it back. Without one, delete the empty file: the \
                                       node then begins anew with the same key, and gets what others \
                                       have kept of you from them."
                .into(),
            Self::OpenDisk { accept, folder, .. } => format!(
                "Choose another folder with --data. To go on all the same: \
                 `mkdir -p '{}' && touch '{}'`", folder.display(), accept.display()
            ),
            Self::NetworkDisk { .. } => NETWORK_HINT.into(),
            Self::File { .. } | Self::NotAFolder(_) | Self::PathTooLong { .. } | Self::Random(_) => {
                return None;
            }
        })
    }
}

fn in_brackets(kind: Option<&DiskKind>) -> String {
    kind.map(|kind| format!(" ({kind})")).unwrap_or_default()
}
