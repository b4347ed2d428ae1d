//! Disks that lack something which Linux's own have: modes, links, locks, shared memory.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command},
};

use crate::until;

/// A disk that is mounted until this is dropped. It is served by `odd_disk.py`, which says what it can lack.
pub struct OddDisk {
    folder: PathBuf,
    _behind: tempfile::TempDir,
    server: Child,
}

impl OddDisk {
    /// Mounts one at this folder, which is made; the table of mounts calls it `kind`, such as `fuse.sshfs`.
    ///
    /// # Panics
    /// Outside a [`crate::namespace`], and where the kernel has no FUSE.
    pub fn mount(folder: &Path, kind: &str, lacks: &[&str]) -> Self {
        assert!(Path::new("/dev/fuse").exists(), "this test needs FUSE: `sudo modprobe fuse`");
        std::fs::create_dir_all(folder).expect("a folder of the test's own");
        let behind = tempfile::tempdir().expect("a temporary folder");
        let server = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/odd_disk.py"))
            .args([folder, behind.path()])
            .arg(kind)
            .args(lacks)
            .spawn()
            .expect("python3 is installed");
        let mut disk = Self { folder: folder.to_owned(), _behind: behind, server };
        until("the disk is mounted", || {
            assert!(disk.server.try_wait().ok()?.is_none(), "its server has ended");
            let table = std::fs::read_to_string("/proc/self/mounts").ok()?;
            let place = format!("odd {} {kind} ", folder.display());
            table.lines().any(|line| line.starts_with(&place)).then_some(())
        });
        disk
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for OddDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
