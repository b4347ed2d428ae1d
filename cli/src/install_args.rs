//! What can be typed about this installation: its service, and what shells know of the command.

use std::ffi::OsString;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Start your node now and whenever you log in, by systemd
    #[command(after_help = "Example: upseed service install -- --listen 192.0.2.7:7667")]
    Install {
        #[command(flatten)]
        whose: Whose,
        /// Print the unit, and change nothing
        #[arg(long)]
        print: bool,
        /// Options of `upseed run`, after "--"
        #[arg(last = true, value_name = "OPTION")]
        options: Vec<OsString>,
    },
    /// Say whether it is installed and runs
    Status {
        #[command(flatten)]
        whose: Whose,
    },
    /// Stop it and take it away; your data stay
    Uninstall {
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Whose {
    /// This machine's instead of your own: from boot on, as the user "upseed", in /var/lib/upseed (as root)
    #[arg(long)]
    pub system: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// For ~/.local/share/bash-completion/completions/upseed
    Bash,
    /// For a file _upseed in a folder of $fpath
    Zsh,
    /// For ~/.config/fish/completions/upseed.fish
    Fish,
}
