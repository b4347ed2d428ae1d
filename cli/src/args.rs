//! What can be typed.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use upseed_http::Network;
use upseed_model::{
    BoardName,
    moderation::{KeepRetracted, LabelValue},
    rank::{Sort, Window},
    text::Title,
};

use crate::{
    connect_args::ConnectCommand,
    day_arg::day,
    install_args::{ServiceCommand, Shell},
    label_args::LabelsCommand,
    profile_args::ProfileArgs,
    site_args::SiteArgs,
    starter_args::StarterCommand,
};

/// Posts and comments are tiny text torrents; upvoting one hosts it.
///
/// Start your node with `upseed run` and leave it running; the other commands talk to it. Try
/// `upseed demo` to see a small world of people without touching your own data.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 something you can mend, 2 usage, 3 a fault of Upseed's."
)]
pub(crate) struct Args {
    /// The folder with your key, database and settings [default: the platform's data folder]
    #[arg(long, global = true, env = "UPSEED_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Print JSON on standard output, for scripts
    #[arg(long, global = true)]
    pub json: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Whether these arguments ask for JSON, also where they are wrong otherwise.
pub(crate) fn wants_json(args: impl IntoIterator<Item = OsString>) -> bool {
    args.into_iter().take_while(|arg| arg != "--").any(|arg| arg == "--json")
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run your node, until Ctrl-C
    Run(RunArgs),
    /// Show a private swarm of several people on this machine, with yourself among them
    Demo(DemoArgs),
    /// Let a torrent client that you have host what you upvote; says what it changes there
    #[command(subcommand)]
    Connect(ConnectCommand),
    /// Write a post
    #[command(
        after_help = "Example: echo 'Hello' | upseed post --board upseed --title 'First words'"
    )]
    Post {
        /// The board; it is joined if it was not
        #[arg(long)]
        board: BoardName,
        /// The title, up to 300 bytes
        #[arg(long)]
        title: Title,
        /// The text, UTF-8 and up to 64 KiB; "-" or nothing reads standard input
        file: Option<PathBuf>,
    },
    /// Answer a post or a comment
    Comment {
        /// What to answer
        id: String,
        /// The text; "-" or nothing reads standard input
        file: Option<PathBuf>,
    },
    /// Upvote items: your client downloads and seeds them
    Upvote {
        /// Their ids, the beginnings of them, or magnet links
        #[arg(required = true)]
        ids: Vec<String>,
        /// Return only once your client hosts them
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        patience: Patience,
    },
    /// Take upvotes back: your client stops seeding
    Unvote {
        /// Their ids, the beginnings of them, or magnet links
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// List what was removed in your client: what you are asked about, and what you can undo
    #[command(
        after_help = "A torrent removed in your client is an upvote taken back; that can be undone for an hour. If many go \
                      at once, or a share limit of the client removed them, the upvotes stand and you are asked."
    )]
    Removed {
        /// Infohashes or magnet links [default: all that you are asked about]
        ids: Vec<String>,
        /// Host them again: the upvotes stand
        #[arg(long)]
        put_back: bool,
        /// Take the upvotes back now
        #[arg(long, conflicts_with = "put_back")]
        let_go: bool,
    },
    /// List posts
    Top {
        /// Of one board only
        #[arg(long)]
        board: Option<BoardName>,
        /// How far back: day, week, month, year, all
        #[arg(long, default_value_t = Window::Day)]
        window: Window,
        /// In which order: top, hot, new
        #[arg(long, default_value_t = Sort::Top)]
        sort: Sort,
        /// How many at most
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Show an item with the answers to it
    Thread {
        /// Its id, the beginning of it, a magnet link, or a shared text with a link in it
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Show an item's text; it is fetched if it is not here
    Read {
        /// Its id, the beginning of it, a magnet link, or a shared text with a link in it
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Print a text to send to others: title, link, and what to do with it
    Share {
        /// Infohash or magnet link
        id: String,
        /// Name this node's address in the link, so that others find the text at once. They see it
        #[arg(long)]
        address: bool,
    },
    /// Join, leave and list boards
    #[command(subcommand)]
    Board(BoardCommand),
    /// Follow somebody
    Follow {
        /// Their name, or the beginning of their key
        who: String,
    },
    /// Stop following somebody
    Unfollow {
        /// Their name, or the beginning of their key
        who: String,
    },
    /// Lists of people to start with: find, follow and publish them
    #[command(subcommand)]
    Starter(StarterCommand),
    /// Leave somebody's posts and comments out
    Mute {
        /// Their name, or the beginning of their key
        who: String,
    },
    /// Take a mute back
    Unmute {
        /// Their name, or the beginning of their key
        who: String,
    },
    /// Show what you say about yourself, or somebody else; or say it
    Profile {
        /// Somebody else: their name, or the beginning of their key
        #[arg(conflicts_with_all = ["name", "about"])]
        who: Option<String>,
        #[command(flatten)]
        said: ProfileArgs,
    },
    /// Label an item or a person, for those who subscribe to your labels
    Label {
        /// An item's id or magnet link, or somebody's name or key
        target: String,
        /// Such as "spam"; at most 32 bytes
        value: LabelValue,
        /// Why, in a few words
        #[arg(long, conflicts_with = "remove")]
        reason: Option<String>,
        /// Take the label back
        #[arg(long)]
        remove: bool,
    },
    /// Subscribe to people's labels, and see what they do
    #[command(subcommand)]
    Labels(LabelsCommand),
    /// Hide an item; nobody is told
    Hide {
        /// Its id, the beginning of it, or a magnet link
        id: String,
        /// Show it again
        #[arg(long)]
        undo: bool,
    },
    /// Ask all hosts to stop hosting an item of yours; this cannot be undone
    Retract {
        /// Its id, the beginning of it, or a magnet link
        id: String,
    },
    /// List what you host and its author retracted, until you decide
    Retracted {
        /// Keep hosting this item
        #[arg(long, value_name = "ID")]
        keep: Option<String>,
        /// Stop hosting this item
        #[arg(long, value_name = "ID", conflicts_with = "keep")]
        stop: Option<String>,
        /// What becomes of items whose authors retract them: ask, keep, drop
        #[arg(long)]
        default: Option<KeepRetracted>,
    },
    /// Find words in the titles and texts that are here
    Search {
        /// All of these words; the last one may be the beginning of a word
        #[arg(required = true)]
        words: Vec<String>,
        /// In one board only
        #[arg(long)]
        board: Option<BoardName>,
        /// How many at most
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// List answers to what you wrote
    Inbox,
    /// Say what an item's score is made of
    Why {
        /// Its id, the beginning of it, or a magnet link
        id: String,
    },
    /// Verify a .torrent or a magnet link offline; of an ordinary torrent, list what it holds
    Inspect {
        /// A .torrent file or a magnet link
        what: OsString,
    },
    /// Write an item's .torrent, for any client
    Export {
        /// Its id, the beginning of it, or a magnet link
        id: String,
        /// Where to; "-" for standard output [default: the item's own file name]
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
    /// Write everything known of a board into a file, to carry it to others
    Bundle {
        /// Which board
        #[arg(long)]
        board: BoardName,
        /// Only from this day on, as 2026-11-30
        #[arg(long, value_parser = day)]
        since: Option<u64>,
        /// Where to; "-" for standard output
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Write a board as a static site, for any web host; run it again to bring it up to date
    Site(SiteArgs),
    /// Take the items of .torrent files and bundles that you were given
    Import {
        /// Files, folders of .torrent and .upseed files, or "-" for a bundle on standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Show, back up or restore your key
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Print a fresh link to the view; it is good for ten minutes and one browser
    Open {
        /// Let the link lead to this address of a reverse proxy, such as `https://nas.example/forum`
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Say how your node stands
    Status,
    /// Say what is wrong with this installation, and what to do; with a running node or without
    SelfCheck,
    /// Let systemd run your node
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Print what a shell needs to complete the command's words
    Completions { shell: Shell },
    /// Write what packages ship beside the command into a folder: manual, completions, the unit
    #[command(hide = true)]
    Shipped { folder: PathBuf },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientKind {
    /// libtorrent inside Upseed
    Embedded,
    /// The qBittorrent of `upseed connect qbittorrent`
    Qbittorrent,
    /// The Transmission of `upseed connect transmission`
    Transmission,
}

impl ClientKind {
    /// As people type it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Which torrent client hosts what you upvote [default: the one that is connected, else embedded]
    #[arg(long, value_enum)]
    pub client: Option<ClientKind>,
    /// Where the API listens; port 0 takes any free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7667")]
    pub listen: SocketAddr,
    /// Where the web UI of a connected client is served, with the Social tab in it
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7668")]
    pub proxy_listen: SocketAddr,
    /// Answer to this host name too (a NAS, a reverse proxy); may be repeated
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Believe this reverse proxy, an address or a subnet, by which scheme, host and path it was asked and by whom; may be
    /// repeated
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    pub proxies: Vec<Network>,
    /// Do not open the view in a browser, as is done on a desktop
    #[arg(long)]
    pub no_open: bool,
    /// Where the BitTorrent engine listens [default: everywhere, on a port chosen once]
    #[arg(long, value_name = "ADDR:PORT")]
    pub swarm_listen: Option<SocketAddr>,
    /// Do not use the DHT
    #[arg(long)]
    pub no_dht: bool,
    /// Do not look for others on the local network
    #[arg(long)]
    pub no_lsd: bool,
    /// Enter the DHT here instead of at its public routers; may be repeated
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "no_dht")]
    pub bootstrap: Vec<String>,
    /// Meet this node in every board; may be repeated
    #[arg(long = "peer", value_name = "HOST:PORT")]
    pub peers: Vec<String>,
    /// Upvote the Upseed .torrent and .magnet files that are dropped into this folder, with any client
    #[arg(long, value_name = "DIR")]
    pub watch: Option<PathBuf>,
    /// Pass ordinary torrents, and the verified .torrent of what was upvoted, on to this folder
    #[arg(long, value_name = "DIR", requires = "watch")]
    pub pass_to: Option<PathBuf>,
}

impl Default for RunArgs {
    fn default() -> Self {
        // `upseed` alone is `upseed run`, with that command's own defaults.
        match Args::parse_from(["upseed", "run"]).command {
            Some(Command::Run(args)) => args,
            _ => unreachable!("`upseed run` parses as the run command"),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// End by itself after so many seconds [default: at once when not in a terminal]
    #[arg(long, value_name = "N")]
    pub seconds: Option<u64>,
    /// Where your API listens
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Patience {
    /// How many seconds to look for what is not here yet
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub timeout: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BoardCommand {
    /// Join a board
    Join {
        /// Its name: a-z, 0-9 and "-"
        board: BoardName,
        /// Meet its members by this tracker too; may be repeated
        #[arg(long = "tracker", value_name = "URL")]
        trackers: Vec<String>,
    },
    /// Leave a board; what you host stays hosted
    Leave {
        /// Its name
        board: BoardName,
    },
    /// List the boards that you joined
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Your public key
    Show,
    /// Print the 24 words that are your key; who has them can write in your name
    Backup,
    /// Move to a new key: followers follow it from then on; prints its 24 words
    Succeed,
    /// End a key that was stolen: nobody succeeds it, and you go on with a new one; prints its 24 words
    Revoke,
    /// Read 24 words from standard input and make them your key
    Restore {
        /// Give up the key that this folder has now
        #[arg(long)]
        replace: bool,
    },
}
