//! libtorrent's words and the engine's.

use upseed_model::Infohash;
use upseed_swarm::{Event as SwarmEvent, FetchError};

use super::inbox::Job;
use crate::{event::FetchFailure, input::Input, peer_id::PeerId};

impl From<PeerId> for upseed_swarm::PeerId {
    fn from(peer: PeerId) -> Self {
        Self(peer.0)
    }
}

impl From<upseed_swarm::PeerId> for PeerId {
    fn from(peer: upseed_swarm::PeerId) -> Self {
        Self(peer.0)
    }
}

/// What the thread does about an event of the swarm.
pub(super) fn job(event: SwarmEvent) -> Job {
    let id = Infohash::from_bytes;
    Job::Input(match event {
        SwarmEvent::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port } => {
            let (peer, rendezvous) = (peer.into(), id(rendezvous));
            Input::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port }
        }
        SwarmEvent::Frame { peer, frame } => Input::Frame { peer: peer.into(), frame },
        SwarmEvent::Drained { peer } => Input::Drained(peer.into()),
        SwarmEvent::PeerClosed { peer, reason } => Input::PeerClosed { peer: peer.into(), reason },
        SwarmEvent::Metadata { infohash, info } => Input::Metadata { infohash: id(infohash), info },
        SwarmEvent::Fetched { infohash, info, text } => {
            Input::Fetched { infohash: id(infohash), info, text }
        }
        SwarmEvent::FetchFailed { infohash, error, detail } => {
            Input::FetchFailed { infohash: id(infohash), failure: failure(error), reason: detail }
        }
        SwarmEvent::DhtPeers { infohash, peers } => {
            Input::DhtPeers { infohash: id(infohash), peers }
        }
        SwarmEvent::HostSeen { infohash, addr } => Input::HostSeen { infohash: id(infohash), addr },
        SwarmEvent::PeerNamed { infohash, addr } => {
            Input::PeerNamed { infohash: id(infohash), addr }
        }
        SwarmEvent::Scraped { infohash, tracker, complete, incomplete } => {
            Input::Scraped { infohash: id(infohash), tracker, complete, incomplete }
        }
        SwarmEvent::HostFailed { infohash, reason } => {
            return Job::HostFailed { id: id(infohash), reason };
        }
    })
}

/// What a failed fetch says of the torrent.
const fn failure(error: FetchError) -> FetchFailure {
    match error {
        FetchError::NotOneText => FetchFailure::Ordinary,
        FetchError::WrongMetadata | FetchError::Occupied | FetchError::Engine => {
            FetchFailure::NotNow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ordinary_is_ordinary() {
        assert_eq!(failure(FetchError::NotOneText), FetchFailure::Ordinary);
        assert_eq!(failure(FetchError::Engine), FetchFailure::NotNow);
    }
}
