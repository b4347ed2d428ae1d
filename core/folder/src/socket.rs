//! The socket by which commands reach their node, whatever is done to its port.

use std::{
    fs::{self, File},
    io,
    os::{
        fd::AsRawFd as _,
        unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, net::UnixListener},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::Folder;

/// Bytes of a socket's path that every system takes (`sun_path` has 104 on some, with a zero).
const MAX_PATH: usize = 100;

/// The socket of a data folder, in a folder that is its owner's alone.
#[derive(Debug, Clone)]
pub struct OwnerSocket {
    path: PathBuf,
    /// As long as `path` leads through it.
    _folder: Option<Arc<File>>,
}

impl OwnerSocket {
    fn of(folder: &Folder) -> io::Result<Self> {
        let path = folder.socket_file();
        if path.as_os_str().as_bytes().len() <= MAX_PATH {
            return Ok(Self { path, _folder: None });
        }
        // Linux has a short name for every folder that is open.
        let open = File::open(folder.path())?;
        let short = format!("/proc/self/fd/{}", open.as_raw_fd());
        let path = Path::new(&short).join("node.sock");
        Ok(Self { path, _folder: Some(Arc::new(open)) })
    }

    /// What to connect to, as long as this value lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Folder {
    /// The socket of the node that runs here; none if its disk has no sockets.
    pub fn owner_socket(&self) -> Option<OwnerSocket> {
        self.socket_file().exists().then(|| OwnerSocket::of(self).ok())?
    }

    /// Listens there. The folder is claimed: what lies there was left by a node that was killed.
    ///
    /// # Errors
    /// The system's, such as that this disk has no sockets.
    pub fn listen_for_owner(&self) -> io::Result<UnixListener> {
        let _ = fs::remove_file(self.socket_file());
        let socket = OwnerSocket::of(self)?;
        let listener = UnixListener::bind(socket.path())?;
        fs::set_permissions(socket.path(), fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_path_of_any_length_is_reached_by_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        for name in ["short".to_owned(), "long".repeat(30)] {
            let folder = Folder::new(root.path().join(&name));
            let claim = folder.claim().unwrap();
            assert!(folder.owner_socket().is_none(), "{name}");
            let listener = folder.listen_for_owner().unwrap();
            let mode = fs::metadata(folder.socket_file()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
            let socket = folder.owner_socket().unwrap();
            UnixStream::connect(socket.path()).unwrap();
            drop((listener, claim));
            // What a killed node left is no socket of the next one.
            folder.claim().unwrap();
            assert!(folder.owner_socket().is_none(), "{name}");
        }
    }
}
