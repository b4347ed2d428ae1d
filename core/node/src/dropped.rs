//! Files dropped into a watch folder: an upvote each.

use std::time::Duration;

use upseed_client::sink::{Dropped, Sink, SinkFuture, Verdict, Written};
use upseed_model::{Infohash, limits::MAX_AHEAD, magnet::Magnet, torrent};

use crate::{FetchFailure, Node, NodeError, Reference, now, share::is_public};

/// How long a magnet's item is looked for before others get their turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a warning of this node is about.
const WATCH: &str = "watch folder";

impl Sink for Node {
    fn upvote(&self, dropped: Dropped, since: u64) -> SinkFuture<'_> {
        Box::pin(async move {
            let voted = async {
                let work = match dropped {
                    Dropped::Torrent(item) => {
                        let ahead = item.time().saturating_sub(now());
                        if ahead > MAX_AHEAD {
                            return Ok(Verdict::Later(early(ahead)));
                        }
                        self.import(torrent::write(&item, None, &[])).await?;
                        item.work()
                    }
                    Dropped::Magnet(magnet) => {
                        self.find(&reference(magnet), PATIENCE).await?.item.work()
                    }
                };
                self.vote_since(work, since).await?;
                Ok(Verdict::Done)
            };
            voted.await.unwrap_or_else(|error| verdict(&error))
        })
    }

    fn torrent(&self, item: Infohash) -> SinkFuture<'_, Written> {
        Box::pin(async move {
            let torrent = self.export(item).await.map_err(|error| error.to_string())?;
            let item = torrent::read(&torrent).map_err(|error| error.to_string())?;
            Ok((format!("{}.torrent", item.file_name()), torrent))
        })
    }

    fn trouble(&self, why: Option<String>) {
        self.warn(WATCH, why);
    }
}

/// An item from the future is most likely a clock that is behind, such as that of a small machine
/// before it has asked somebody for the time.
fn early(ahead: u64) -> String {
    format!("it is {ahead} seconds in the future; is this machine's clock right?")
}

/// Peers in a link that somebody else may have made lead to no address of this network.
fn reference(magnet: Magnet) -> Reference {
    let peers = magnet.peers.into_iter().filter(|peer| is_public(peer.ip())).collect();
    Reference { infohash: magnet.infohash, peers, trackers: Vec::new() }
}

fn verdict(error: &NodeError) -> Verdict {
    match error {
        NodeError::Foreign { failure: FetchFailure::Ordinary, .. } => Verdict::Ordinary,
        NodeError::Foreign { failure: FetchFailure::Wrong, .. } => Verdict::Bad(error.to_string()),
        // Its parent may lie in the same folder, or be found.
        NodeError::UnknownItem(_) | NodeError::NoText(_) | NodeError::Unplaced(_) => {
            Verdict::Later(error.to_string())
        }
        NodeError::Record(_)
        | NodeError::Torrent(_)
        | NodeError::Magnet(_)
        | NodeError::Input(_)
        | NodeError::Dead(_) => Verdict::Bad(error.to_string()),
        _ => Verdict::Later(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ordinary_is_ordinary_and_only_what_is_wrong_is_bad() {
        let foreign = |failure| {
            let infohash = Infohash::from_bytes([1; 20]);
            verdict(&NodeError::Foreign { infohash, failure, reason: "so".into() })
        };
        assert_eq!(foreign(FetchFailure::Ordinary), Verdict::Ordinary);
        assert!(matches!(foreign(FetchFailure::Wrong), Verdict::Bad(why) if why.contains("so")));
        assert!(matches!(foreign(FetchFailure::NotNow), Verdict::Later(why) if why.contains("so")));
    }

    #[test]
    fn a_link_leads_to_no_address_of_this_network() {
        let peers =
            ["100.64.0.1:1", "100.127.0.1:1", "10.0.0.1:1", "[::1]:1", "[::ffff:10.0.0.1]:1"]
                .map(|peer| peer.parse().unwrap());
        let public = ["203.0.113.7:1", "100.128.0.1:1"].map(|peer| peer.parse().unwrap());
        let infohash = Infohash::from_bytes([1; 20]);
        let all = [&peers[..], &public[..]].concat();
        let magnet = Magnet { infohash, name: None, trackers: Vec::new(), peers: all };
        assert_eq!(reference(magnet).peers, public);
    }
}
