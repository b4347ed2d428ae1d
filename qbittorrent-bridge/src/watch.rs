//! `sync/maindata` turned into changes, and help for what is on its way to seeding.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use upseed_model::Infohash;
use upseed_node::client::Change;

use crate::{
    QBittorrent,
    api::{ApiError, Version},
    client::{BATCH, BUSY, joined, locked},
    preferences::Preferences,
    torrents::{State, Torrents},
};

/// A client that has just started fills its list by and by: it is compared with once it has been
/// the same for so long.
const SETTLED: Duration = Duration::from_secs(2);

/// Between two attempts to help a torrent that lacks its text: at first (what is said right after
/// adding is lost), and later.
const HELP_SOON: Duration = Duration::from_millis(700);
const HELP_AGAIN: Duration = Duration::from_secs(10);
/// When later begins, and when it ends.
const HELP_LATER: Duration = Duration::from_secs(10);
const HELP: Duration = Duration::from_secs(600);

/// How often `sync/maindata` is asked when nothing is under way.
const QUIET: Duration = Duration::from_millis(1_500);

/// How old the preferences may be.
const PREFERENCES_AGE: Duration = Duration::from_secs(60);

/// What is known of the client.
#[derive(Default)]
pub(crate) struct Inner {
    pub torrents: Torrents,
    pub version: Version,
    pub connected: bool,
    /// When `sync/maindata` is due again.
    pub due: Option<Instant>,
    /// Since when its list has been the same after it (re)appeared.
    pub settling: Option<Instant>,
    pub preferences: Option<(Instant, Preferences)>,
    /// Given by this node: it is not told that they appeared.
    pub given: HashSet<Infohash>,
    pub helped: HashMap<Infohash, Help>,
}

/// A torrent that is on its way to seeding.
pub(crate) struct Help {
    pub since: Instant,
    pub again: Instant,
    pub forced: bool,
}

impl Help {
    pub fn new() -> Self {
        let now = Instant::now();
        Self { since: now, again: now, forced: false }
    }
}

impl QBittorrent {
    /// Asks what has changed, and helps what is on its way.
    pub(crate) async fn poll(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let done = self.sync(inner).await;
        self.noted(inner, done)
    }

    /// Asks for some alone: milliseconds, where `sync/maindata` takes a second beside 3,000. Gives
    /// those that are there.
    pub(crate) async fn glance(
        &self,
        inner: &mut Inner,
        ids: &[Infohash],
    ) -> Result<HashSet<Infohash>, ApiError> {
        let mut all = HashSet::new();
        for batch in ids.chunks(BATCH) {
            let answer = self.api.torrents(&joined(batch)).await;
            let answer = self.noted(inner, answer)?;
            let (found, changes) = inner.torrents.take_some(&answer);
            self.tell(inner, changes);
            all.extend(found);
        }
        Ok(all)
    }

    /// Looks after what is under way, and at everything when that is due. Gives the pause until
    /// the next look.
    pub(crate) async fn look_after(&self, inner: &mut Inner) -> Result<Duration, ApiError> {
        let due = inner.due.is_none_or(|due| due <= Instant::now());
        let few = inner.connected && inner.settling.is_none() && inner.helped.len() <= BATCH;
        if few && !due && !inner.helped.is_empty() {
            let ids: Vec<_> = inner.helped.keys().copied().collect();
            self.glance(inner, &ids).await?;
            let helped = self.help(inner).await;
            self.noted(inner, helped)?;
        } else {
            let start = Instant::now();
            self.poll(inner).await?;
            // A client that thinks long about its list is asked for it seldom.
            inner.due = Some(Instant::now() + QUIET.max(start.elapsed() * 4));
        }
        let now = Instant::now();
        Ok(if inner.settling.is_some() {
            BUSY
        } else if inner.helped.values().any(|help| now < help.since + HELP_LATER) {
            if inner.helped.len() <= BATCH { BUSY / 4 } else { BUSY }
        } else if inner.helped.is_empty() {
            inner.due.map_or(QUIET, |due| due.saturating_duration_since(now))
        } else {
            BUSY
        })
    }

    /// Nothing is known of a client that does not answer.
    pub(crate) fn noted<T>(
        &self,
        inner: &mut Inner,
        done: Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        match done {
            Ok(done) => Ok(done),
            Err(error) => {
                if inner.connected {
                    tracing::info!(%error, "qBittorrent is away");
                }
                inner.connected = false;
                inner.torrents.rid = 0;
                inner.preferences = None;
                let mut seen = locked(&self.seen);
                seen.online = false;
                seen.warnings = vec![format!("{error}. {}", error.hint())];
                Err(error)
            }
        }
    }

    async fn sync(&self, inner: &mut Inner) -> Result<(), ApiError> {
        if !inner.connected {
            let (program, version) = self.api.versions().await?;
            inner.version = version;
            locked(&self.seen).version = program;
        }
        let rid = inner.torrents.rid.to_string();
        let answer = self.api.get_json("sync/maindata", &[("rid", &rid)]).await?;
        let full = answer["full_update"].as_bool().unwrap_or(false);
        let changes = inner.torrents.take(&answer);
        if full || !inner.connected {
            inner.connected = true;
            inner.settling = Some(Instant::now());
        }
        if let Some(since) = &mut inner.settling {
            if changes.iter().any(|change| matches!(change, Change::Added(_))) {
                *since = Instant::now();
            } else if since.elapsed() >= SETTLED {
                inner.settling = None;
                self.help_ours(inner);
                locked(&self.waiting).push(Change::Connected);
            }
        } else {
            self.tell(inner, changes);
        }
        self.help(inner).await?;
        self.look(inner).await
    }

    /// What carries our mark and does not seed after a pause: its file may be gone, or its check was
    /// cut off. What its user stopped stays stopped.
    fn help_ours(&self, inner: &mut Inner) {
        let tag = locked(&self.giver).as_ref().map(|giver| giver.tag.clone()).unwrap_or_default();
        let Inner { torrents, helped, given, .. } = inner;
        for (id, torrent) in torrents.iter() {
            if given.contains(id) || (!tag.is_empty() && torrent.tags.contains(&tag)) {
                given.insert(*id);
                if torrent.state != State::Seeding {
                    helped.entry(*id).or_insert(Help { forced: true, ..Help::new() });
                }
            }
        }
    }

    fn tell(&self, inner: &mut Inner, changes: Vec<Change>) {
        let mut waiting = locked(&self.waiting);
        for change in changes {
            match change {
                Change::Added(id) if inner.given.contains(&id) => continue,
                Change::Removed(id) => {
                    inner.given.remove(&id);
                    inner.helped.remove(&id);
                }
                Change::Complete(id, false) if inner.given.contains(&id) => {
                    let help = inner.helped.entry(id).or_insert_with(Help::new);
                    help.since = Instant::now();
                    // This node's engine takes it up again when it is told, and libtorrent does not
                    // dial whoever refused it for the next minute.
                    help.again = Instant::now() + HELP_SOON;
                }
                _ => {}
            }
            waiting.push(change);
        }
    }

    /// Sees to it that what was given is started, and finds its text.
    pub(crate) async fn help(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let now = Instant::now();
        let Inner { torrents, helped, version, .. } = inner;
        let (mut force, mut lack, mut check) = (Vec::new(), Vec::new(), Vec::new());
        helped.retain(|id, help| {
            let Some(torrent) = torrents.get(id) else { return help.since + HELP > now };
            if !help.forced {
                help.forced = true;
                force.push(*id);
            }
            if help.again <= now {
                match torrent.state {
                    State::Lacking => lack.push(*id),
                    State::FileGone | State::Broken => check.push(*id),
                    _ => {}
                }
                let soon = now < help.since + HELP_LATER;
                help.again = now + if soon { HELP_SOON } else { HELP_AGAIN };
            }
            torrent.state != State::Seeding && help.since + HELP > now
        });
        for batch in force.chunks(BATCH) {
            let hashes = joined(batch);
            // Past the queue, whatever its limits are.
            self.api
                .post("torrents/setForceStart", &[("hashes", &hashes), ("value", "true")])
                .await?;
        }
        for batch in check.chunks(BATCH) {
            let hashes = joined(batch);
            self.api.post("torrents/recheck", &[("hashes", &hashes)]).await?;
            self.api.start(*version, &hashes).await?;
        }
        let engine = locked(&self.giver).as_ref().map(|giver| giver.engine);
        let engine = engine.and_then(|engine| self.reachable(engine));
        if let Some(engine) = engine {
            for batch in lack.chunks(BATCH) {
                let hashes = joined(batch);
                let peers = engine.to_string();
                let form = [("hashes", hashes.as_str()), ("peers", peers.as_str())];
                if let Err(error) = self.api.post("torrents/addPeers", &form).await {
                    // Old ones refuse the whole when one torrent has just gone.
                    tracing::debug!(%error, "peers are given again later");
                }
            }
        }
        Ok(())
    }

    /// Where this node's engine is for the client: on the address that leads to it.
    fn reachable(&self, engine: SocketAddr) -> Option<SocketAddr> {
        if !engine.ip().is_unspecified() {
            return Some(engine);
        }
        let url = &self.api.settings().url;
        let addresses = url.socket_addrs(|| None).ok()?;
        let to = addresses.first()?;
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        // Nothing is sent: this only asks the system for the way.
        let socket = std::net::UdpSocket::bind(any).ok()?;
        socket.connect(to).ok()?;
        Some(SocketAddr::new(socket.local_addr().ok()?.ip(), engine.port()))
    }

    /// Looks at the preferences from time to time, and says what stands in the way.
    async fn look(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let fresh = |at: &Instant| at.elapsed() < PREFERENCES_AGE;
        if inner.preferences.as_ref().is_none_or(|(at, _)| !fresh(at)) {
            let preferences = Preferences::read(&self.api.preferences().await?);
            inner.preferences = Some((Instant::now(), preferences));
        }
        let mut warnings =
            inner.preferences.as_ref().map(|(_, found)| found.warnings()).unwrap_or_default();
        let broken = inner.torrents.iter().filter(|(_, t)| t.state == State::Broken).count();
        if broken > 0 {
            warnings.push(format!(
                "qBittorrent reports an error for {broken} of Upseed's torrents; often its disk is \
                 full or not writable"
            ));
        }
        let queued = inner
            .torrents
            .iter()
            .filter(|(id, t)| t.state == State::Held && inner.given.contains(id))
            .count();
        if queued > 0 {
            warnings.push(format!(
                "{queued} of Upseed's torrents are stopped or queued in qBittorrent; Upseed's own \
                 engine hosts them meanwhile"
            ));
        }
        let mut seen = locked(&self.seen);
        seen.online = true;
        seen.warnings = warnings;
        Ok(())
    }

    pub(crate) async fn settled(&self, inner: &mut Inner) -> Result<(), ApiError> {
        loop {
            self.poll(inner).await?;
            if inner.settling.is_none() {
                return Ok(());
            }
            sleep(BUSY / 2).await;
        }
    }
}
