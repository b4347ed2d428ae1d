//! What can be typed after `upseed site`.

use std::path::PathBuf;

use upseed_model::BoardName;

use crate::day_arg::day;

#[derive(Debug, clap::Args)]
pub(crate) struct SiteArgs {
    /// Which board
    #[arg(long)]
    pub board: BoardName,
    /// Where to; files that are not the site's own stay as they are
    pub dir: PathBuf,
    /// Only posts from this day on, as 2026-11-30
    #[arg(long, value_parser = day)]
    pub since: Option<u64>,
    /// Where the site will lie, for its feed: `https://example.org/garden`
    #[arg(long)]
    pub url: Option<String>,
}
