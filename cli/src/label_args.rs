//! What can be typed after `upseed labels`.

use clap::Subcommand;
use upseed_model::{
    BoardName,
    moderation::{LabelAction, LabelValue},
};

#[derive(Debug, Subcommand)]
pub(crate) enum LabelsCommand {
    /// Subscribe to somebody's labels, or change what they do
    Subscribe(SubscribeArgs),
    /// Unsubscribe: everything is shown again as if you had never subscribed
    Unsubscribe {
        /// Their name, or the beginning of their key
        #[arg(value_name = "WHO")]
        key: String,
    },
    /// List your subscriptions
    List,
    /// List who labels on a board and is trusted by most of the people you follow
    Moderators {
        /// The board
        #[arg(long)]
        board: BoardName,
    },
    /// List what a subscription does, the newest first
    Log {
        /// The labeller's name, or the beginning of their key
        #[arg(value_name = "WHO")]
        key: String,
        /// How many at most
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Undo one thing that a subscription does
    Undo {
        /// Its number in `upseed labels log`
        entry: u64,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct SubscribeArgs {
    /// The labeller's name, or the beginning of their key
    #[arg(value_name = "WHO")]
    pub key: String,
    /// Hide what has this label; may be repeated
    #[arg(long, value_name = "LABEL")]
    pub hide: Vec<LabelValue>,
    /// Fold it, and say why
    #[arg(long, value_name = "LABEL")]
    pub fold: Vec<LabelValue>,
    /// Show it with the label beside it
    #[arg(long, value_name = "LABEL")]
    pub mark: Vec<LabelValue>,
    /// Do nothing
    #[arg(long, value_name = "LABEL")]
    pub ignore: Vec<LabelValue>,
    /// What all other labels do: hide, fold, mark, ignore
    #[arg(long, value_name = "ACTION", default_value_t)]
    pub other: LabelAction,
    /// Only say what it would do to this week's posts
    #[arg(long)]
    pub preview: bool,
}
