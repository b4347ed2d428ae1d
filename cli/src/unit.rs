//! The systemd unit by which a node runs.

use std::path::{Path, PathBuf};

/// The unit's name, in both of systemd's managers.
pub(crate) const NAME: &str = "upseed.service";

/// Where the data of the whole machine's node lie.
pub(crate) const SYSTEM_DATA: &str = "/var/lib/upseed";

/// The first line of what the command writes, by which it knows its own.
pub(crate) const HEADER: &str =
    "# Written by `upseed service install`; `upseed service uninstall` removes it.\n";

/// Which of systemd's managers runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One user's own.
    User {
        /// Whether that user may have a view of the disks in which they can be written to in some places only. Some
        /// systems forbid it, and a unit that asks for it does not start there.
        can_confine: bool,
    },
    /// The machine's, as the user `upseed`.
    System,
}

/// What a unit is made of.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub scope: Scope,
    /// The command, with its whole path.
    pub program: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// Options of `upseed run`.
    pub options: Vec<String>,
    /// Other folders into which the node puts files.
    pub writable: Vec<PathBuf>,
}

/// What holds for both: nothing of it needs a view of its own of the disks, nor rights.
const HARDENED: &str = "\
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
";

/// What only the machine's manager may do.
const SYSTEM: &str = "\
User=upseed
CapabilityBoundingSet=
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
";

impl Unit {
    /// The unit's text.
    pub fn render(&self) -> String {
        let mut command = vec![quoted_path(&self.program), "run".into(), "--data".into()];
        command.push(quoted_path(&self.data));
        command.extend(self.options.iter().map(|option| quoted(option)));
        let (section, target) = match self.scope {
            Scope::User { .. } => ("", "default.target"),
            Scope::System => ("After=network.target\n", "multi-user.target"),
        };
        let mut unit = format!(
            "[Unit]\nDescription=Upseed: posts and comments as tiny torrents\nDocumentation=man:upseed(1)\n{section}\n\
             [Service]\nType=exec\nExecStart={}\nRestart=on-failure\nRestartSec=10\n# Wrong options stay wrong.\n\
             RestartPreventExitStatus=2\n\n",
            command.join(" ")
        );
        unit.push_str(HARDENED);
        if self.scope == Scope::System {
            unit.push_str(SYSTEM);
        }
        let can_confine = match self.scope {
            Scope::User { can_confine } => can_confine,
            Scope::System => true,
        };
        if can_confine {
            if self.scope != Scope::System {
                unit.push_str("PrivateUsers=yes\n");
            }
            unit.push_str("ProtectSystem=strict\n");
            self.push_writable(&mut unit);
        }
        unit.push_str(&format!("\n[Install]\nWantedBy={target}\n"));
        unit
    }

    /// The folders that can be written to: all others cannot.
    fn push_writable(&self, unit: &mut String) {
        let is_state = self.scope == Scope::System && self.data == Path::new(SYSTEM_DATA);
        if is_state {
            unit.push_str("StateDirectory=upseed\nStateDirectoryMode=0700\n");
        } else {
            unit.push_str(&format!("ReadWritePaths={}\n", quoted_path(&self.data)));
        }
        for folder in &self.writable {
            // One that is gone is no reason not to start: the node says what it misses.
            unit.push_str(&format!("ReadWritePaths=-{}\n", quoted_path(folder)));
        }
    }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// One word of systemd's: without its quotes, escapes, specifiers and variables meaning anything.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@+=[]".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            '$' => quoted.push_str("$$"),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(scope: Scope) -> Unit {
        Unit {
            scope,
            program: "/usr/bin/upseed".into(),
            data: SYSTEM_DATA.into(),
            options: vec!["--listen".into(), "[::1]:7667".into()],
            writable: vec!["/srv/up votes".into()],
        }
    }

    #[test]
    fn the_machines_unit_can_write_to_its_data_alone() {
        let text = unit(Scope::System).render();
        for line in [
            "ExecStart=/usr/bin/upseed run --data /var/lib/upseed --listen [::1]:7667",
            "User=upseed",
            "StateDirectory=upseed",
            "ProtectSystem=strict",
            "NoNewPrivileges=yes",
            "ReadWritePaths=-\"/srv/up votes\"",
            "WantedBy=multi-user.target",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}\n{text}");
        }
        assert!(!text.contains("PrivateUsers"), "the user upseed stays who it is\n{text}");
    }

    #[test]
    fn a_users_unit_asks_for_no_more_than_that_user_may_have() {
        let confined = unit(Scope::User { can_confine: true }).render();
        assert!(confined.contains("PrivateUsers=yes\nProtectSystem=strict\n"), "{confined}");
        assert!(confined.contains("ReadWritePaths=/var/lib/upseed\n"), "{confined}");
        let open = unit(Scope::User { can_confine: false }).render();
        for word in ["ProtectSystem", "ReadWritePaths", "PrivateUsers", "User=", "Capability"] {
            assert!(!open.contains(word), "{word}\n{open}");
        }
        assert!(open.contains("NoNewPrivileges=yes"), "{open}");
    }

    #[test]
    fn systemd_reads_what_people_wrote_as_it_is() {
        assert_eq!(quoted("--no-dht"), "--no-dht");
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("50 % of $HOME \"\\"), "\"50 %% of $$HOME \\\"\\\\\"");
    }
}
