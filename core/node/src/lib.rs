//! One person's node. It publishes, meets others in the rooms of its boards, keeps what they
//! exchange honest, and turns upvotes into hosting. Whoever shows it to people (`upseed-http`) calls
//! its methods.
//!
//! Where to look: `rooms` is the thread that talks with other nodes; `publish`, `votes` and `hosting`
//! are what its user asks for; `items`, `lists`, `threads`, `people` and `boards` are what is read. [`upseed_client`] is the port to
//! torrent clients.
//!
//! *Architecture invariant:* the node never reads the environment and never prints: it is told
//! everything by its [`Config`].

mod boards;
mod bootstrap;
mod bundles;
mod clock;
mod config;
mod dropped;
mod embedded;
mod engine;
mod error;
mod events;
mod follow_list;
mod follows;
mod hosted;
mod hosting;
mod identity;
mod items;
mod labels;
mod lists;
mod looked_at;
mod moderation;
mod named;
mod names;
mod node;
mod peers;
mod people;
mod profile;
mod publish;
mod ranks;
mod reachability;
mod reading;
mod retraction;
mod seeds;
mod settings;
mod share;
mod slots;
mod start;
mod starters;
mod statements;
mod status;
mod succession;
#[cfg(test)]
mod testing;
mod threads;
mod votes;
mod work;

pub use bundles::{BundleAt, Imported};
pub use clock::now;
pub use config::{Config, SwarmConfig};
pub use embedded::Embedded;
pub use error::{Kind, NodeError};
pub use events::NodeEvent;
pub use hosted::{Hosted, HostedBy};
pub use hosting::Removals;
pub use identity::Identity;
pub use node::Node;
pub use people::Profile;
pub use publish::{Job, NewComment, NewPost};
pub use reading::Reference;
pub use settings::{ViewSetting, ViewSettings};
pub use starters::StarterList;
pub use status::{BoardStatus, Status};
pub use succession::HandOver;
pub use upseed_folder::{Claim, DiskKind, Folder, FolderError, OwnerSocket, Running, random_token};
use upseed_rooms as rooms;
pub use upseed_rooms::{ClockError, FetchFailure};
// What the store gives for reading; whoever shows a node needs these and nothing else of it.
pub use upseed_rank::{Fixed, hot};
pub use upseed_store::{
    BranchReason, Draft, Exception, ItemRow, LogEntry, Moderator, OutlineRow, PackRow, PackState,
    Place, Preview, PreviewCounts, Reasons, SubscriptionRow, Succession, ThreadRow, TopQuery,
    Verdict,
};
