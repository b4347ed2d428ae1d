//! From an upvote to a hosted item: the text is got, the client is given it, and says that it seeds.
//!
//! What becomes of a task is decided by [`upseed_store::hosting`]. The files here hear what happened,
//! and do what follows ([`effects`]): each round ([`round`]) looks at what is due; [`external`] hears
//! what its user does in their own client, of which [`removals`] are held and asked about. [`comparison`] and [`split`] decide and do nothing else.

mod additions;
mod budget;
mod comparison;
mod effects;
mod external;
mod handover;
mod metadata;
mod metadata_fetches;
mod network_binding;
mod offers;
mod pace;
mod packs;
mod proof;
mod proving;
mod reconnection;
mod removals;
mod round;
mod search_downloads;
mod settling;
mod split;
mod waiting;
mod waker;
mod withdrawal;

pub(crate) use external::watch;
pub(crate) use metadata_fetches::MetadataFetches;
pub(crate) use network_binding::{follow_network, network_at_start};
pub(crate) use proving::prove;
pub use removals::Removals;
pub(crate) use round::run;
pub(crate) use search_downloads::SearchDownloads;
pub(crate) use waker::HostingWaker;
