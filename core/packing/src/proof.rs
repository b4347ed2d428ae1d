//! Asking one client whether it gives a pack.

use std::{net::SocketAddr, time::Duration};

use upseed_pack::PackInfo;
use upseed_swarm::{PagesError, Swarm, SwarmError};

use crate::reading::{End, Place, Search, read};

/// Why a client did not show that it gives a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFailure {
    /// It gave nothing in time. It may not be reached, may choose others to give to, or may not have the bytes.
    #[error("the client gave no page of the pack")]
    NotGiven,
    /// The engine that asks hosts the pack itself.
    #[error("this engine has the pack itself, and cannot ask for it")]
    Own,
    /// The engine did not ask.
    #[error("the engine did not ask: {0}")]
    Engine(String),
}

/// Whether a client, at one of these addresses, really gives a page of a pack: it is downloaded from there and its hash
/// checked, for 33 kB. What a client says of itself is no proof: all three go on saying 100 % after a file was changed.
///
/// The swarm must be one that finds nobody by itself, or another host might answer in the client's place: without DHT and
/// LSD, and not the one that hosts the pack. It blocks for as long as `patience` says, and less if the page comes.
/// Transmission chooses whom to give something every ten seconds.
///
/// # Errors
/// If no page came.
pub fn gives_page(
    swarm: &Swarm,
    info: &PackInfo,
    page: usize,
    addresses: Vec<SocketAddr>,
    patience: Duration,
) -> Result<(), ProofFailure> {
    let infohash = info.infohash();
    let (peers, trackers) = (addresses, Vec::new());
    let place = Place { infohash, info: Some(info.bytes()), peers, trackers, patience };
    // A pack has 512 pages.
    let page = (page % info.pages()) as u32;
    let (search, end) = read(swarm, place, OnePage { page, came: false }).map_err(failure)?;
    match end {
        End::Failed(PagesError::Occupied) => Err(ProofFailure::Own),
        End::Failed(error) => Err(ProofFailure::Engine(error.to_string())),
        End::Whole | End::Late if search.as_ref().is_some_and(|search| search.came) => Ok(()),
        End::Whole | End::Late => Err(ProofFailure::NotGiven),
    }
}

fn failure(error: SwarmError) -> ProofFailure {
    ProofFailure::Engine(error.to_string())
}

struct OnePage {
    page: u32,
    came: bool,
}

impl Search for OnePage {
    fn choose(&mut self, _: &[u8]) -> Vec<u32> {
        vec![self.page]
    }

    fn page(&mut self, page: u32, _: &[u8]) -> Vec<u32> {
        self.came |= page == self.page;
        Vec::new()
    }
}
