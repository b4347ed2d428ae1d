//! The data folder: who uses it, where its node listens, and the token that opens the API.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use upseed_model::PublicKey;
use zeroize::Zeroizing;

use crate::{
    FolderError,
    privacy::{self, Missing},
};

/// The files of a data folder. Everything in it can be read by its owner alone.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// A node that runs on a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    /// Where this machine reaches its API.
    pub address: SocketAddr,
    /// Where that listens, perhaps on every interface.
    pub listen: SocketAddr,
    /// Its process.
    pub pid: u32,
}

/// A data folder that this process has taken. The system gives it up when the process ends, however
/// it ends.
#[derive(Debug)]
pub struct Claim {
    folder: Folder,
    _file: File,
}

impl Claim {
    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }
}

/// How often, and after which pauses, a folder that seems to be in use is tried again: 200 ms.
const LOOKS: u32 = 40;
const LOOK: Duration = Duration::from_millis(5);

/// Longest path of a database: SQLite takes 512 bytes for it and for "-journal" behind it.
const MAX_PATH: usize = 500;

impl Folder {
    /// Names a folder; nothing is touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("upseed.db")
    }

    /// The secret key.
    pub fn key(&self) -> PathBuf {
        self.0.join("identity.key")
    }

    /// The key that is about to succeed, before others hear of it.
    pub fn next_key(&self) -> PathBuf {
        self.0.join("identity-next.key")
    }

    /// A key that was succeeded.
    pub fn old_key(&self, key: &PublicKey) -> PathBuf {
        self.0.join(format!("identity-old-{}.key", &key.to_hex()[..16]))
    }

    fn token_file(&self) -> PathBuf {
        self.0.join("api-token")
    }

    fn running_file(&self) -> PathBuf {
        self.0.join("node.json")
    }

    pub(crate) fn socket_file(&self) -> PathBuf {
        self.0.join("node.sock")
    }

    /// Makes the folder, for its owner alone.
    ///
    /// # Errors
    /// Also if it is there, and no database could be opened in it, or others could read what is written into it.
    pub fn create(&self) -> Result<(), FolderError> {
        if self.0.exists() && !self.0.is_dir() {
            return Err(FolderError::NotAFolder(self.0.clone()));
        }
        self.check_length(std::path::absolute(self.database()))?;
        let missing = Missing::on_the_way_to(&self.0);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        let made = made.map_err(FolderError::file(&self.0)).and_then(|()| privacy::check(&self.0));
        made.inspect_err(|_| missing.take_away())?;
        // As SQLite sees it, with links followed.
        self.check_length(self.0.canonicalize().map(|folder| Self(folder).database()))
    }

    fn check_length(&self, database: std::io::Result<PathBuf>) -> Result<(), FolderError> {
        let length = database.map_err(FolderError::file(&self.0))?.as_os_str().as_bytes().len();
        if length <= MAX_PATH {
            return Ok(());
        }
        Err(FolderError::PathTooLong { length, longest: MAX_PATH })
    }

    /// Makes the database's file, for its owner alone, before SQLite would make it for everybody:
    /// the folder may be one that others can enter. SQLite gives its other files the same mode.
    ///
    /// # Errors
    /// [`FolderError::EmptyDatabase`] if the file is there, with nothing in it, beside a key.
    pub fn create_database(&self) -> Result<(), FolderError> {
        let path = self.database();
        let is_empty = fs::metadata(&path).is_ok_and(|meta| meta.len() == 0);
        if is_empty && self.key().exists() {
            return Err(FolderError::EmptyDatabase(path));
        }
        let make = || {
            let mut options = OpenOptions::new();
            let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path)?;
            // Where that cannot be, it was asked whether to go on.
            let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
            Ok(())
        };
        make().map_err(FolderError::file(&path))
    }

    /// Makes the folder and takes it for this process.
    ///
    /// # Errors
    /// [`FolderError::Locked`] if a node runs on it.
    pub fn claim(&self) -> Result<Claim, FolderError> {
        self.create()?;
        let claim = self.lock()?;
        // A killed node left it; somebody else may listen there by now.
        self.clear_running();
        privacy::close(&self.0);
        Ok(claim)
    }

    fn lock(&self) -> Result<Claim, FolderError> {
        let path = self.0.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(FolderError::file(&path))?;
        match lock_soon(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Only for the message: an unreadable number is no reason to fail differently.
                let _ = file.read_to_string(&mut pid);
                return Err(FolderError::Locked { folder: self.0.clone(), pid: pid.trim().into() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(FolderError::file(&path)(error).on_disk_of(&self.0));
            }
        }
        file.set_len(0).map_err(FolderError::file(&path))?;
        writeln!(file, "{}", std::process::id()).map_err(FolderError::file(&path))?;
        Ok(Claim { folder: self.clone(), _file: file })
    }

    /// Whether a node runs on this folder.
    pub fn is_locked(&self) -> bool {
        let Ok(file) = File::open(self.0.join("lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// The node that runs on this folder, if one does and already listens.
    pub fn running(&self) -> Option<Running> {
        if !self.is_locked() {
            return None;
        }
        serde_json::from_slice(&fs::read(self.running_file()).ok()?).ok()
    }

    /// A private file of this folder; nothing if it is not there.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.0.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            // What is wrong with the folder itself is said by who uses it.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(FolderError::file(path)(error)),
        }
    }

    /// Writes a file that only its owner can read, whole or not at all; makes the folder if it is
    /// not there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.create()?;
        write_private(&self.0.join(name), bytes)
    }

    /// Removes a file; it may be gone already.
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(FolderError::file(path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Says where the node of this folder listens: from now on the command finds it.
    pub fn set_running(&self, address: SocketAddr, listen: SocketAddr) -> Result<(), FolderError> {
        let running = Running { address, listen, pid: std::process::id() };
        let path = self.running_file();
        let json = serde_json::to_vec(&running).map_err(|e| FolderError::file(&path)(e.into()))?;
        write_private(&path, &json)
    }

    /// Takes back what [`Folder::set_running`] and [`Folder::listen_for_owner`] left, if they did.
    pub fn clear_running(&self) {
        let _ = fs::remove_file(self.running_file());
        let _ = fs::remove_file(self.socket_file());
    }

    /// Its files that are its user's alone, and that others of this machine can read or write.
    pub fn exposed(&self) -> Vec<PathBuf> {
        privacy::exposed(&self.0)
    }

    /// Whether its user has said to go on where others may read what is in it.
    pub fn is_accepted_open(&self) -> bool {
        privacy::is_accepted(&self.0)
    }

    /// The token that opens the API of the node that runs here.
    pub fn token(&self) -> Result<Zeroizing<String>, FolderError> {
        let path = self.token_file();
        let token = Zeroizing::new(fs::read_to_string(&path).map_err(FolderError::file(&path))?);
        Ok(Zeroizing::new(token.trim().to_owned()))
    }

    /// The token; made at the first start, readable by its owner alone.
    pub fn token_or_new(&self) -> Result<Zeroizing<String>, FolderError> {
        let path = self.token_file();
        if path.exists() {
            let token = self.token()?;
            if token.len() >= 32 {
                return Ok(token);
            }
        }
        let token = random_token()?;
        write_private(&path, token.as_bytes())?;
        Ok(token)
    }
}

/// Takes a file's lock. Who only looks ([`Folder::is_locked`]) holds it for a moment, too.
fn lock_soon(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            taken => return taken,
        }
    }
    file.try_lock()
}

/// A secret for an address or a header: 256 bits from the system, in hex.
pub fn random_token() -> Result<Zeroizing<String>, FolderError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(FolderError::Random)?;
    Ok(Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Writes a file that only its owner can read: whole or not at all, and on the disk when this
/// returns.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let temporary = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        if let Some(folder) = path.parent() {
            // Some disks cannot; then the name is as safe as they make it.
            let _ = File::open(folder)?.sync_all();
        }
        Ok(())
    };
    write().map_err(|error| {
        // Nothing half-written stays behind.
        let _ = fs::remove_file(&temporary);
        FolderError::file(path)(error)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn who_only_looks_keeps_nobody_out() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::new(scratch.path());
        drop(folder.lock().unwrap());
        let enough = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    folder.is_locked();
                }
            });
            let taken: Vec<_> = (0..100).map(|_| folder.lock().map(drop)).collect();
            enough.store(true, Ordering::Relaxed);
            assert!(taken.iter().all(Result::is_ok), "{taken:?}");
        });
        let held = folder.lock().unwrap();
        assert!(matches!(folder.lock(), Err(FolderError::Locked { .. })));
        drop(held);
    }

    #[test]
    fn a_path_that_sqlite_cannot_open_is_named() {
        let scratch = tempfile::tempdir().unwrap();
        let long = (0..5).fold(scratch.path().to_owned(), |path, _| path.join("x".repeat(100)));
        let refused = Folder::new(&long).create().unwrap_err().to_string();
        assert!(refused.contains("too long") && refused.contains("--data"), "{refused}");
        assert_eq!(scratch.path().read_dir().unwrap().count(), 0, "nothing was made");
        fs::create_dir_all(&long).unwrap();
        let short = scratch.path().join("short");
        std::os::unix::fs::symlink(&long, &short).unwrap();
        let refused = Folder::new(&short).create().unwrap_err().to_string();
        assert!(refused.contains("too long"), "{refused}");
    }
}
