//! What can be typed about starter lists.

use clap::Subcommand;
use upseed_model::{BoardName, WorkId, text::ListName};

#[derive(Debug, Subcommand)]
pub(crate) enum StarterCommand {
    /// List those by others, for your boards: first by people whom you follow or upvoted
    List {
        /// For this board only
        #[arg(long)]
        board: Option<BoardName>,
        /// Your own instead
        #[arg(long)]
        mine: bool,
    },
    /// Suggest people to those who come new to a board, in place of whom you suggested there before
    Publish {
        /// The list's name, up to 64 bytes
        name: ListName,
        /// The board
        #[arg(long)]
        board: BoardName,
        /// Their names, or the beginnings of their keys
        #[arg(required = true, value_name = "WHO")]
        people: Vec<String>,
    },
    /// Suggest nobody on a board any more
    Withdraw {
        /// The board
        #[arg(long)]
        board: BoardName,
    },
    /// Follow the people of a list
    Follow {
        /// Its id, as `upseed starter list` says it
        list: WorkId,
        /// Some of its people only
        #[arg(value_name = "WHO")]
        people: Vec<String>,
    },
}
