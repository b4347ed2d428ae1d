//! Torrents on their way to seeding: started once, their text found, and never given up.

use std::net::SocketAddr;

use upseed_clock::Moment;

use upseed_client::Change;

use crate::{
    QBittorrent, Whereabouts,
    api::ApiError,
    help::{HELP, HELP_PUT, Help, Start},
    qbittorrent::{BATCH, joined},
    state::Inner,
    torrents::State,
};

impl QBittorrent {
    /// What carries our mark and does not seed after a pause: its file may be gone, or its check was
    /// cut off. What its user stopped stays stopped.
    pub(crate) fn help_ours(&self, inner: &mut Inner) {
        let own = self.own_tags();
        let Inner { torrents, helped, given, .. } = inner;
        for (id, torrent) in torrents.iter() {
            if given.contains(id) || torrent.tags.iter().any(|tag| own.contains(tag)) {
                given.insert(*id);
                if !matches!(torrent.state, State::Seeding | State::Stopped | State::Queued) {
                    helped.entry(*id).or_insert_with(Help::ours);
                }
            }
        }
    }

    /// Sees to it that what was given is started, and finds its text.
    pub(crate) async fn help(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let now = Moment::now();
        let whereabouts = inner.known.as_ref().map(|known| known.whereabouts);
        let here = whereabouts.is_some_and(|it| it.here);
        let Inner { torrents, helped, version, .. } = inner;
        let (mut force, mut lack, mut check, mut start, mut want) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        helped.retain(|id, help| {
            let Some(torrent) = torrents.get(id) else { return help.since + HELP > now };
            let state = torrent.state;
            if help.start == Start::Due {
                help.start = Start::Forced;
                force.push(*id);
            }
            if help.again <= now && state == State::Unwanted && help.wants > 0 {
                help.wants -= 1;
                help.again = now + HELP_PUT;
                want.push(*id);
                check.push(*id);
                return true;
            }
            let lost = matches!(state, State::Lacking | State::FileGone | State::Broken);
            if help.again <= now && lost {
                if here && !help.told && torrent.is_in_our_folder() {
                    // The node puts it there again.
                    help.told = true;
                    help.again = now + HELP_PUT;
                    self.waiting.lock().push(Change::Lost(*id));
                    return true;
                }
                match state {
                    State::Lacking => lack.push(*id),
                    _ if help.start == Start::Theirs => {
                        check.push(*id);
                        start.push(*id);
                    }
                    _ => {
                        check.push(*id);
                        force.push(*id);
                    }
                }
            }
            if help.again <= now {
                help.again = now + help.pace(now);
            }
            help.goes_on(state, now)
        });
        for id in &want {
            let hash = id.to_string();
            let form = [("hash", hash.as_str()), ("id", "0"), ("priority", "1")];
            if let Err(error) = self.api.post("torrents/filePrio", &form).await {
                // It may just be gone.
                tracing::debug!(%error, "that its file is wanted is said again later");
            }
        }
        for batch in check.chunks(BATCH) {
            self.api.post("torrents/recheck", &[("hashes", &joined(batch))]).await?;
        }
        for batch in start.chunks(BATCH) {
            self.api.start(*version, &joined(batch)).await?;
        }
        for batch in force.chunks(BATCH) {
            let hashes = joined(batch);
            self.api
                .post("torrents/setForceStart", &[("hashes", &hashes), ("value", "true")])
                .await?;
        }
        let engine = self.owner.lock().as_ref().map(|owner| owner.engine);
        let Some((engine, whereabouts)) = engine.zip(whereabouts) else { return Ok(()) };
        let peers = reached_at(engine, whereabouts).to_string();
        for batch in lack.chunks(BATCH) {
            let hashes = joined(batch);
            let form = [("hashes", hashes.as_str()), ("peers", peers.as_str())];
            if let Err(error) = self.api.post("torrents/addPeers", &form).await {
                // Old ones refuse the whole when one torrent has just gone.
                tracing::debug!(%error, "peers are given again later");
            }
        }
        Ok(())
    }
}

/// Where this node's engine is for the client: on the address that leads to it.
fn reached_at(engine: SocketAddr, whereabouts: Whereabouts) -> SocketAddr {
    if engine.ip().is_unspecified() {
        SocketAddr::new(whereabouts.us, engine.port())
    } else {
        engine
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_engine_that_listens_everywhere_is_where_the_client_reaches_this_machine() {
        let elsewhere = Whereabouts {
            here: false,
            us: "10.0.0.7".parse().unwrap(),
            at: "10.0.0.8".parse().unwrap(),
        };
        for (engine, at) in [("0.0.0.0:5", "10.0.0.7:5"), ("10.1.1.1:5", "10.1.1.1:5")] {
            assert_eq!(reached_at(engine.parse().unwrap(), elsewhere), at.parse().unwrap());
        }
    }
}
