//! What can be typed after `upseed connect`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectCommand {
    /// qBittorrent 4.5 or later, by its web UI; an API key (5.2) is a password without --user
    #[command(after_help = "Example: echo \"$PASSWORD\" | upseed connect qbittorrent --url \
                      http://127.0.0.1:8080 --user admin --password-stdin")]
    Qbittorrent(QbittorrentArgs),
    /// Transmission 3.00 or later, by its RPC; and a folder whose files are upvotes
    #[command(
        after_help = "Example: upseed connect transmission --url http://127.0.0.1:9091 --watch \
                      ~/upvotes"
    )]
    Transmission(TransmissionArgs),
    /// Deluge 2.0.3 or later: puts the plugin, in which the whole node runs, where Deluge looks
    Deluge(DelugeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DelugeArgs {
    /// The config folder of deluged [default: ~/.config/deluge]
    #[arg(long, value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
    /// The plugin's file [default: the one beside this command, or that `make deluge-egg` made]
    #[arg(long, value_name = "FILE", conflicts_with = "undo")]
    pub egg: Option<PathBuf>,
    /// Take the plugin away again
    #[arg(long)]
    pub undo: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TransmissionArgs {
    #[command(flatten)]
    pub client: ConnectArgs,
    /// Its settings.json, or a copy of it: where this user may not read the one that it names
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Upvote the Upseed .torrent and .magnet files that are dropped into this folder
    #[arg(long, value_name = "DIR")]
    pub watch: Option<PathBuf>,
    /// Pass ordinary torrents, and the verified .torrent of what was upvoted, on to this folder,
    /// which another client watches
    #[arg(long, value_name = "DIR", requires = "watch")]
    pub pass_to: Option<PathBuf>,
    /// Look at the folder at intervals: for network drives that tell nothing
    #[arg(long, requires = "watch")]
    pub poll: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct QbittorrentArgs {
    #[command(flatten)]
    pub client: ConnectArgs,
    /// The user of a server in front of it that wants basic authentication
    #[arg(long, value_name = "NAME", requires = "basic_password_file")]
    pub basic_user: Option<String>,
    /// Read the password for that from this file
    #[arg(long, value_name = "FILE", requires = "basic_user")]
    pub basic_password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConnectArgs {
    /// Where its web UI is [default: the one that is connected]
    #[arg(long)]
    pub url: Option<String>,
    /// Its user; none if it asks for none on this machine
    #[arg(long)]
    pub user: Option<String>,
    /// Read its password from standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Trust this certificate of its https address, if that is one of its own making
    #[arg(long, value_name = "PEM-FILE", conflicts_with = "undo")]
    pub certificate: Option<PathBuf>,
    /// Take back what was set up there, and forget it
    #[arg(long)]
    pub undo: bool,
}
