//! The text where the client will look for it, so that it need not download what is here already.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// The folder of Upseed's texts below a client's save path. One for all of them: their names are
/// unique by their content, and qBittorrent takes one save path for a whole request.
pub fn folder(save_path: &str) -> Option<PathBuf> {
    // A path of another system means nothing here.
    let path = Path::new(save_path);
    path.is_absolute().then(|| path.join("upseed"))
}

/// Writes a text, if this machine shares the client's folder and may write there: on another
/// machine, in a container, or under another user it may not, and then the client downloads.
///
/// A file is never followed to somewhere else and never replaced half.
pub fn put(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    match fs::symlink_metadata(&path) {
        Ok(found) if !found.is_file() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "not a file stands there"));
        }
        Ok(found) if found.len() == text.len() as u64 && fs::read(&path)? == text => {
            if found.permissions().mode() & TEXT_MODE != TEXT_MODE {
                let _ = readable(&path);
            }
            return Ok(());
        }
        _ => {}
    }
    let part = folder.join(format!(".{name}.part"));
    let _ = fs::remove_file(&part);
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&part)?;
        file.write_all(text)?;
        // Some disks have no modes; whether it can be read there is up to how they are mounted.
        let _ = readable(&part);
        fs::rename(&part, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Everybody may read a text, its writer may change it: the client may be another user.
const TEXT_MODE: u32 = 0o644;

/// Whatever the umask of this process is.
fn readable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(TEXT_MODE))
}

/// Makes the folder, and the save path itself in a new profile, where that harms nobody: what they
/// lie in is here and belongs to us. In a folder that we made, a client of another user could write
/// nothing itself.
pub fn make(folder: &Path) -> io::Result<()> {
    let save_path = folder.parent().ok_or(io::ErrorKind::NotFound)?;
    if !save_path.exists() {
        make_one(save_path)?;
    }
    make_one(folder)
}

fn make_one(folder: &Path) -> io::Result<()> {
    let parent = folder.parent().ok_or(io::ErrorKind::NotFound)?;
    let own = fs::metadata("/proc/self")?.uid();
    if fs::metadata(parent)?.uid() != own {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    match fs::create_dir(folder) {
        // Whoever may read and write in the one may do so in the other, whatever the umask of this process is.
        Ok(()) => {
            let above = fs::metadata(parent)?;
            let _ = std::os::unix::fs::chown(folder, None, Some(above.gid()));
            let _ = fs::set_permissions(folder, above.permissions());
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_text_is_put_once_and_what_stands_there_is_not_followed() {
        let save = tempfile::tempdir().unwrap();
        let new = save.path().join("downloads");
        let folder = folder(new.to_str().unwrap()).unwrap();
        put(&folder, "a.md", b"text").unwrap_err();
        make(&folder).unwrap();
        make(&folder).unwrap();
        put(&folder, "a.md", b"text").unwrap();
        put(&folder, "a.md", b"text").unwrap();
        assert_eq!(fs::read(folder.join("a.md")).unwrap(), b"text");
        put(&folder, "a.md", b"TEXT").unwrap();
        assert_eq!(fs::read(folder.join("a.md")).unwrap(), b"TEXT");
        std::os::unix::fs::symlink("/etc/passwd", folder.join("b.md")).unwrap();
        put(&folder, "b.md", b"text").unwrap_err();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }

    #[test]
    fn a_text_that_the_client_could_not_read_is_mended() {
        let save = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(save.path(), fs::Permissions::from_mode(0o775)).unwrap();
        let folder = save.path().join("upseed");
        make(&folder).unwrap();
        assert_eq!(mode(&folder), 0o775, "as what it lies in");
        put(&folder, "a.md", b"text").unwrap();
        fs::set_permissions(folder.join("a.md"), fs::Permissions::from_mode(0o600)).unwrap();
        put(&folder, "a.md", b"text").unwrap();
        assert_eq!(mode(&folder.join("a.md")), 0o644);
    }

    #[test]
    fn paths_of_another_system() {
        assert_eq!(folder("C:\\Downloads"), None);
        assert_eq!(folder(""), None);
    }
}
