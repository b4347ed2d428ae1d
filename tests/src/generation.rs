//! Two generations of every client: what this machine's Debian has, and Debian 13's in a folder.

use std::{path::PathBuf, process::Command, sync::OnceLock};

/// Where a client comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// This machine's own package (Debian 12's, where the figures of the docs come from).
    Here,
    /// Debian 13's, in the folder that `tests/clients/trixie` makes. It sees this machine's
    /// temporary folder under the same path, so profiles and save paths are shared with the test.
    Trixie,
}

impl Generation {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Here, Self::Trixie];

    /// A command of that generation, to which arguments are added as usual. Its process is the
    /// client itself: it can be killed by its pid.
    ///
    /// # Panics
    /// If the folder of Debian 13 cannot be made.
    pub fn command(self, program: &str) -> Command {
        match self {
            Self::Here => Command::new(program),
            Self::Trixie => {
                let script = r#"for d in /tmp /dev /proc; do mount --rbind "$d" "$0$d"; done
                                exec chroot "$0" "$@""#;
                let mut command = Command::new("unshare");
                command.args(["-rm", "sh", "-ec", script]).arg(trixie()).arg(program);
                command
            }
        }
    }
}

/// The folder of Debian 13.
fn trixie() -> &'static PathBuf {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/trixie");
        let output = Command::new(script).output().expect("tests/clients/trixie can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}
