//! Texts out of a pack that somebody seeds.

use std::{net::SocketAddr, time::Duration};

use upseed_model::Infohash;
use upseed_pack::{InfoError, PackInfo};
use upseed_swarm::{PagesError, Swarm, SwarmError};

use crate::{
    reading::{End, Place, Search, read},
    sought::{Outcome, Sought},
};

/// Texts of one fetch. Each needs a page, or three if it is a long one: 6 MiB at most.
pub const MAX_TEXTS: usize = 64;

/// Why nothing was read out of a pack.
#[derive(Debug, thiserror::Error)]
pub enum PackFailure {
    /// Nobody gave its metadata in time.
    #[error("nobody gave the pack's metadata")]
    NotFound,
    /// The infohash is that of something else. It will never be otherwise.
    #[error("it is no pack")]
    NotAPack,
    /// It is one that breaks the rules: whoever made it is at fault. It will never be otherwise.
    #[error("it is no pack: {0}")]
    Info(#[from] InfoError),
    /// The pack is hosted by this engine or read by somebody else, or too many are being read: later it may work.
    #[error("the pack is hosted or read here already, or too many others are")]
    Busy,
    /// More texts than one fetch gives.
    #[error("{0} texts; at most {MAX_TEXTS} are read at once")]
    TooMany(usize),
    /// The engine did not do it.
    #[error("the engine did not read it: {0}")]
    Engine(String),
}

/// What was read.
#[derive(Debug)]
pub struct Fetched {
    /// The pack's metadata: with it the next fetch is a round trip faster and 12 kB smaller.
    pub info: PackInfo,
    /// The texts that were asked for, in that order.
    pub texts: Vec<(Infohash, Outcome)>,
}

/// Some texts that are to be read out of one pack, over one connection.
#[derive(Debug, Clone)]
pub struct PackFetch {
    pack: Infohash,
    texts: Vec<Infohash>,
    info: Option<PackInfo>,
    peers: Vec<SocketAddr>,
    trackers: Vec<String>,
}

impl PackFetch {
    /// The texts of these items, at most [`MAX_TEXTS`], out of that pack.
    pub fn new(pack: Infohash, texts: Vec<Infohash>) -> Self {
        Self { pack, texts, info: None, peers: Vec::new(), trackers: Vec::new() }
    }

    /// With metadata that is known already.
    #[must_use]
    pub fn info(self, info: PackInfo) -> Self {
        Self { pack: info.infohash(), info: Some(info), ..self }
    }

    /// From these seeds, the best first: one is dialed now, and two more after each second.
    #[must_use]
    pub fn peers(self, peers: Vec<SocketAddr>) -> Self {
        Self { peers, ..self }
    }

    /// From those that these trackers name. The pack is announced to them.
    #[must_use]
    pub fn trackers(self, trackers: Vec<String>) -> Self {
        Self { trackers, ..self }
    }

    /// Reads them. It blocks for as long as `patience` says, and less if all is known earlier.
    ///
    /// # Errors
    /// If the pack could not be read at all. What became of each text is in [`Fetched::texts`].
    pub fn run(self, swarm: &Swarm, patience: Duration) -> Result<Fetched, PackFailure> {
        if self.texts.len() > MAX_TEXTS {
            return Err(PackFailure::TooMany(self.texts.len()));
        }
        let Self { pack: infohash, texts, info, peers, trackers } = self;
        let info = info.as_ref().map(PackInfo::bytes);
        let place = Place { infohash, info, peers, trackers, patience };
        let search = Texts { wanted: texts, state: Ok(None) };
        let (search, end) = read(swarm, place, search).map_err(|error| match error {
            SwarmError::TooManyReadings => PackFailure::Busy,
            error => PackFailure::Engine(error.to_string()),
        })?;
        match end {
            End::Failed(PagesError::NotAPack) => return Err(PackFailure::NotAPack),
            End::Failed(PagesError::Occupied) => return Err(PackFailure::Busy),
            End::Failed(error @ (PagesError::WrongMetadata | PagesError::Engine)) => {
                return Err(PackFailure::Engine(error.to_string()));
            }
            End::Whole | End::Late => {}
        }
        let sought = search.map_or(Ok(None), |search| search.state)?;
        let (info, texts) = sought.ok_or(PackFailure::NotFound)?.finish();
        Ok(Fetched { info, texts })
    }
}

/// The search as the swarm sees it: nothing is known before the metadata is here.
struct Texts {
    wanted: Vec<Infohash>,
    state: Result<Option<Sought>, InfoError>,
}

impl Search for Texts {
    fn choose(&mut self, info: &[u8]) -> Vec<u32> {
        match PackInfo::from_bytes(info) {
            Ok(info) => {
                let mut sought = Sought::new(info, &self.wanted);
                let first = sought.next();
                self.state = Ok(Some(sought));
                first
            }
            Err(error) => {
                self.state = Err(error);
                Vec::new()
            }
        }
    }

    fn page(&mut self, page: u32, bytes: &[u8]) -> Vec<u32> {
        let Ok(Some(sought)) = &mut self.state else { return Vec::new() };
        sought.put(page as usize, bytes);
        sought.next()
    }
}
