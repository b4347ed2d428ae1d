//! Waiting for pieces of a pack: the thin driver around the swarm's reader.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use upseed_model::Infohash;
use upseed_swarm::{PageReader, PagesError, Swarm, SwarmError};

/// Time for a peer before others are dialed besides. Each is asked for the metadata: the first one nearly always is enough,
/// and each other one costs 12 kB.
const TURN: Duration = Duration::from_secs(1);

/// Peers that are dialed after each turn.
const MORE: usize = 2;

/// What is looked for.
pub(crate) trait Search: Send + 'static {
    /// The pieces that are wanted first.
    fn choose(&mut self, info: &[u8]) -> Vec<u32>;
    /// Takes one; gives those that are wanted besides.
    fn page(&mut self, page: u32, bytes: &[u8]) -> Vec<u32>;
}

/// Where to read, and for how long.
pub(crate) struct Place<'a> {
    pub(crate) infohash: Infohash,
    pub(crate) info: Option<&'a [u8]>,
    pub(crate) peers: Vec<SocketAddr>,
    pub(crate) trackers: Vec<String>,
    pub(crate) patience: Duration,
}

/// How it ended.
pub(crate) enum End {
    /// All that was wanted came.
    Whole,
    /// Patience is over.
    Late,
    /// There is no more to wait for.
    Failed(PagesError),
}

struct Shared<S> {
    /// `None` once it was taken back; then nothing is wanted any more.
    search: Mutex<(Option<S>, Option<End>)>,
    changed: Condvar,
}

impl<S: Search> PageReader for Shared<S> {
    fn choose(&self, info: &[u8]) -> Vec<u32> {
        self.search.lock().0.as_mut().map(|search| search.choose(info)).unwrap_or_default()
    }

    fn page(&self, page: u32, bytes: &[u8]) -> Vec<u32> {
        self.search.lock().0.as_mut().map(|search| search.page(page, bytes)).unwrap_or_default()
    }

    fn ended(&self, end: Result<(), PagesError>) {
        self.search.lock().1 = Some(match end {
            Ok(()) => End::Whole,
            Err(error) => End::Failed(error),
        });
        self.changed.notify_all();
    }
}

/// Reads, and gives back what was looked for with what it found.
pub(crate) fn read<S: Search>(
    swarm: &Swarm,
    place: Place<'_>,
    search: S,
) -> Result<(Option<S>, End), SwarmError> {
    let shared =
        Arc::new(Shared { search: Mutex::new((Some(search), None)), changed: Condvar::new() });
    let Place { infohash, info, peers, trackers, patience } = place;
    let infohash = *infohash.as_bytes();
    let end = Instant::now() + patience;
    let mut peers = peers.into_iter();
    let first = peers.next().into_iter().collect();
    let reading = swarm.read_pages(infohash, info, first, trackers, Arc::clone(&shared) as _)?;
    let mut state = shared.search.lock();
    while state.1.is_none() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            state.1 = Some(End::Late);
            break;
        }
        if shared.changed.wait_for(&mut state, left.min(TURN)).timed_out() {
            for peer in peers.by_ref().take(MORE) {
                swarm.connect(infohash, peer);
            }
        }
    }
    let (search, ended) = (state.0.take(), state.1.take().unwrap_or(End::Late));
    drop(state);
    drop(reading);
    Ok((search, ended))
}
