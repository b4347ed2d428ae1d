//! What kind of disk a folder is on, as the system's table of mounts tells it.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

/// The name of a file system, such as `ext4`, `exfat`, `nfs4` or `fuse.sshfs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskKind(String);

impl std::fmt::Display for DiskKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// File systems whose files lie on another machine, or on the one around a virtual one.
const NETWORK: [&str; 19] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "ncpfs",
    "virtiofs",
    "vboxsf",
    "prl_fs",
    "vmhgfs",
    "drvfs",
    "davfs",
    "coda",
    "fuse.vmhgfs-fuse",
];

/// What to do where a disk of the network does not carry a data folder.
pub const NETWORK_HINT: &str = "A database needs locks and shared memory, which many network disks do not have. Keep the \
                                data folder on a disk of this machine, and name it with --data; what a client downloads \
                                may stay where it is.";

impl DiskKind {
    /// The disk on which a file or folder is, or would be made. Nothing where the system does not tell.
    pub fn of(path: &Path) -> Option<Self> {
        let path = std::path::absolute(path).ok()?;
        let there = path.ancestors().find_map(|above| above.canonicalize().ok())?;
        let table = std::fs::read("/proc/self/mountinfo").ok()?;
        Self::in_table(&table, &there)
    }

    /// The same, if its files are not on this machine.
    pub fn network_of(path: &Path) -> Option<Self> {
        Self::of(path).filter(Self::is_network)
    }

    /// The mount that is nearest above the path; of several at one place the last, which hides the others.
    fn in_table(table: &[u8], path: &Path) -> Option<Self> {
        let mounts = table.split(|byte| *byte == b'\n').filter_map(|line| {
            let mut words = line.split(|byte| *byte == b' ');
            let place = unescape(words.nth(4)?);
            let kind = words.skip_while(|word| *word != b"-").nth(1)?;
            path.starts_with(&place).then_some((place, kind))
        });
        let (_, kind) = mounts.max_by_key(|(place, _)| place.as_os_str().len())?;
        Some(Self(String::from_utf8_lossy(kind).into_owned()))
    }

    /// Whether its files are not on this machine. Most of what FUSE serves is not (sshfs, rclone, s3fs); what is a disk's own
    /// format is `fuseblk`.
    pub fn is_network(&self) -> bool {
        let local = [
            "fuse.exfat",
            "fuse.ntfs",
            "fuse.encfs",
            "fuse.gocryptfs",
            "fuse.cryfs",
            "fuse.bindfs",
        ];
        let is_fuse = self.0 == "fuse" || self.0.starts_with("fuse.");
        NETWORK.contains(&self.0.as_str()) || is_fuse && !local.contains(&self.0.as_str())
    }
}

/// Spaces and the like are octal there: `\040`.
fn unescape(word: &[u8]) -> PathBuf {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'\\').then(|| after.get(..3)).flatten();
        let code =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 8).ok());
        plain.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    PathBuf::from(OsStr::from_bytes(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_says_what_a_disk_is() {
        let table = b"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            40 22 0:30 / /mnt/my\\040disk rw - exfat /dev/sdb1 rw\n\
            41 22 0:31 / /mnt/far rw shared:2 master:1 - fuse.sshfs host:/ rw\n\
            42 41 0:32 / /mnt/far rw - nfs4 host:/ rw\n";
        for (path, kind, is_network) in [
            ("/home/ann", "ext4", false),
            ("/mnt/my disk/upseed", "exfat", false),
            ("/mnt/my", "ext4", false),
            ("/mnt/far", "nfs4", true),
        ] {
            let found = DiskKind::in_table(table, Path::new(path)).unwrap();
            assert_eq!(
                (found.to_string().as_str(), found.is_network()),
                (kind, is_network),
                "{path}"
            );
        }
        let is_network = |kind: &str| DiskKind(kind.into()).is_network();
        assert!(is_network("fuse.sshfs") && is_network("fuse.rclone") && is_network("cifs"));
        assert!(!is_network("fuseblk") && !is_network("fuse.gocryptfs") && !is_network("overlay"));
        assert!(DiskKind::of(Path::new("/proc/self/nothing/there")).is_some());
    }
}
