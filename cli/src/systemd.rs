//! systemd, as `systemctl` reaches it.

use std::{
    io,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde::Serialize;

use crate::{
    failure::{Done, Failure},
    unit::NAME,
};

/// One of systemd's two managers: the machine's or this user's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manager {
    pub is_system: bool,
}

/// How the unit stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnitState {
    /// Whether there is such a unit.
    pub installed: bool,
    /// Whether it starts by itself.
    pub enabled: bool,
    /// "active", "failed", "inactive", "activating" …
    pub active: String,
    /// Its process; 0 for none.
    pub pid: u32,
    /// Its file.
    pub unit: String,
}

impl Manager {
    fn command(self, program: &str) -> Command {
        let mut command = Command::new(program);
        if !self.is_system {
            command.arg("--user");
        }
        command.stdin(Stdio::null());
        command
    }

    fn asked(self, args: &[&str]) -> io::Result<Output> {
        self.command("systemctl").args(args).output()
    }

    /// Refuses where no systemd runs.
    pub fn check(self) -> Done {
        let hint = "Have whatever starts programs here run `upseed run`. `upseed service install --print` shows the unit.";
        match self.asked(&["show", "--property=Version"]) {
            Err(_) => Err(Failure::user("this machine has no systemd").hint(hint)),
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                Err(Failure::user(format!("systemd does not answer: {}", said(&output))).hint(hint))
            }
        }
    }

    /// Runs `systemctl` with these arguments.
    pub fn control(self, args: &[&str]) -> Done {
        let told = || format!("systemctl {}", args.join(" "));
        match self.asked(args) {
            Err(error) => Err(Failure::user(format!("{}: {error}", told()))),
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(Failure::user(format!("{}: {}", told(), said(&output)))
                .hint(format!("See what it logged: {}", self.log()))),
        }
    }

    /// How to read what the node logs.
    pub fn log(self) -> &'static str {
        if self.is_system { "journalctl -u upseed" } else { "journalctl --user -u upseed" }
    }

    /// How the unit stands; nothing where no systemd runs.
    pub fn state(self) -> Option<UnitState> {
        let properties = "--property=LoadState,UnitFileState,ActiveState,MainPID,FragmentPath";
        let output = self.asked(&["show", NAME, properties]).ok()?;
        output.status.success().then(|| read(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Whether a unit may have a view of its own of the disks: it is tried.
    pub fn can_confine(self) -> bool {
        let mut trial = self.command("systemd-run");
        trial.args(["--wait", "--collect", "--quiet"]);
        trial.args(["--property=PrivateUsers=yes", "--property=ProtectSystem=strict", "/bin/true"]);
        trial.stdout(Stdio::null()).stderr(Stdio::null());
        trial.status().is_ok_and(|status| status.success())
    }

    /// Where the command puts its unit.
    pub fn unit_file(self) -> Result<PathBuf, Failure> {
        if self.is_system {
            return Ok(PathBuf::from("/etc/systemd/system").join(NAME));
        }
        let folders = directories::BaseDirs::new()
            .ok_or_else(|| Failure::user("this account has no home folder"))?;
        Ok(folders.config_dir().join("systemd/user").join(NAME))
    }
}

fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ")
}

/// What `systemctl show` prints.
fn read(shown: &str) -> UnitState {
    let value = |name: &str| {
        let found = shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default().to_owned()
    };
    UnitState {
        installed: value("LoadState") == "loaded",
        enabled: value("UnitFileState").starts_with("enabled"),
        active: value("ActiveState"),
        pid: value("MainPID").parse().unwrap_or(0),
        unit: value("FragmentPath"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemctl_shows_is_read() {
        let shown = "LoadState=loaded\nActiveState=active\nMainPID=42\nFragmentPath=/u/upseed.service\n\
                     UnitFileState=enabled\n";
        let state = read(shown);
        assert!(state.installed && state.enabled);
        assert_eq!((state.pid, &*state.active, &*state.unit), (42, "active", "/u/upseed.service"));
        assert!(!read("LoadState=not-found\nActiveState=inactive\n").installed);
    }
}
