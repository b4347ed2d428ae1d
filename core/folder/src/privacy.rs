//! Whether what lies in the data folder is its user's alone: files and folders that were left open, and disks on which
//! nothing can be closed.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::{FolderError, disk::DiskKind};

/// A file of this name in the folder says that its user knows what others may read, and goes on.
const ACCEPTED: &str = "others-may-read";

/// Folders that were not there; whatever is made of them goes again if nothing comes of it.
pub(crate) struct Missing(Vec<PathBuf>);

impl Missing {
    /// Those on the way to this one, and itself, the deepest first.
    pub fn on_the_way_to(folder: &Path) -> Self {
        let missing =
            folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists());
        Self(missing.map(Path::to_owned).collect())
    }

    /// Takes them away. One in which something lies stays.
    pub fn take_away(&self) {
        for folder in &self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn mode(path: &Path) -> std::io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
}

/// Whether others can come as far as the files in it.
fn can_be_entered(folder: &Path) -> bool {
    mode(folder).is_ok_and(|mode| mode & 0o011 != 0)
}

/// Refuses a folder in which even a file that is made for its owner alone is open to others, unless the user has said to go
/// on. It is tried and looked at: such disks refuse a mode, or take it and forget it.
pub(crate) fn check(folder: &Path) -> Result<(), FolderError> {
    if !can_be_entered(folder) || is_accepted(folder) {
        return Ok(());
    }
    let trial = folder.join(".trial");
    let _ = fs::remove_file(&trial);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&trial);
    let mode = made.and_then(|_| mode(&trial));
    let _ = fs::remove_file(&trial);
    if mode.map_err(FolderError::file(&trial))? & 0o077 == 0 {
        return Ok(());
    }
    Err(FolderError::OpenDisk {
        kind: DiskKind::of(folder),
        accept: folder.join(ACCEPTED),
        folder: folder.to_owned(),
    })
}

/// Whether its user has said to go on where others may read it.
pub(crate) fn is_accepted(folder: &Path) -> bool {
    folder.join(ACCEPTED).exists()
}

/// Whatever a backup or a copy made of them: what lies in these files is its user's alone.
pub(crate) fn close(folder: &Path) {
    let name = folder.display();
    if can_be_entered(folder) && is_accepted(folder) {
        return tracing::warn!(
            "others of this machine can read what is in {name}, your key too: {ACCEPTED} in it says to go on"
        );
    }
    match mode(folder) {
        // In a folder with the sticky bit nobody replaces what is another one's.
        Ok(mode) if mode & 0o022 != 0 && mode & 0o1000 == 0 => tracing::warn!(
            "others of this machine can put files into {name} (mode {mode:o}), and so their key in the place of yours; \
             `chmod 700 {name}` ends that"
        ),
        Ok(mode) if mode & 0o055 != 0 => tracing::warn!(
            "others of this machine can see what files are in {name} (mode {mode:o}), and not what is in them; \
             `chmod 700 {name}` hides them, too"
        ),
        _ => {}
    }
    for path in secrets(folder) {
        close_file(&path);
    }
}

/// What lies in a data folder for its user alone, and is open to others.
pub(crate) fn exposed(folder: &Path) -> Vec<PathBuf> {
    let is_open = |path: &PathBuf| mode(path).is_ok_and(|mode| mode & 0o077 != 0);
    let mut open: Vec<PathBuf> = secrets(folder).filter(is_open).collect();
    open.sort();
    open
}

fn secrets(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| is_secret(path))
}

/// Keys of now and of before, what opens the API or the client, and the database with its log.
fn is_secret(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_key = name.starts_with("identity") && name.contains(".key");
    is_key
        || name.starts_with("upseed.db")
        || ["api-token", "client-password", "client.json"].contains(&name)
}

fn close_file(path: &Path) {
    let Ok(mode) = mode(path) else { return };
    if mode & 0o077 == 0 {
        return;
    }
    let (file, mode) = (path.display(), mode & 0o777);
    match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        Ok(()) => tracing::warn!(
            "{file} could be read by others of this machine (mode {mode:o}); now only you can. \
             If somebody may have read the key, take another one: `upseed identity succeed`"
        ),
        Err(error) => tracing::warn!(
            "{file} can be read by others of this machine (mode {mode:o}), and that cannot be \
             changed: {error}"
        ),
    }
}
