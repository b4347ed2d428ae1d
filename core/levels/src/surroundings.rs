//! What the levels need of a node.

use std::{future::Future, path::Path, pin::Pin};

use upseed_client::Owner;
use upseed_model::{BoardName, Infohash};
use upseed_pack::PackInfo;
use upseed_store::{Stepped, StoreError};

/// What became of asking the user's client for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It gave it.
    Given,
    /// It did not.
    NotGiven,
    /// It cannot be asked from here, behind a proxy say: what it says of itself must do.
    Unknown,
}

/// A node, as far as packs need one.
pub trait Surroundings: Send + Sync + 'static {
    /// Whose torrents these are.
    fn owner(&self) -> Owner;

    /// The user's own trackers for a board.
    fn trackers(&self, board: &BoardName) -> Result<Vec<String>, StoreError>;

    /// How many of the newest items stay torrents of their own.
    fn newest(&self) -> Result<u32, StoreError>;

    /// Now, in unix seconds.
    fn now(&self) -> u64;

    /// Does what follows from steps of tasks.
    fn carry_out(&self, stepped: &[Stepped]);

    /// This node's own engine gives a pack out of this file from now on.
    ///
    /// # Errors
    /// Says why not.
    fn seed(&self, info: &PackInfo, file: &Path) -> Result<(), String>;

    /// It does no more.
    fn unseed(&self, pack: Infohash);

    /// The client is not believed when it says that it seeds.
    fn is_doubted(&self) -> bool;

    /// Asks the user's client for a page of a pack.
    fn prove(&self, info: PackInfo) -> Pin<Box<dyn Future<Output = Proof> + Send + '_>>;
}
