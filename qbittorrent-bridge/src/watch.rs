//! `sync/maindata` turned into changes.

use std::{collections::HashSet, time::Duration};

use upseed_clock::Moment;

use tokio::time::sleep;
use upseed_client::{Change, Network};
use upseed_model::Infohash;

use crate::{
    QBittorrent,
    api::ApiError,
    help::Help,
    log::Log,
    preferences::Preferences,
    qbittorrent::{BATCH, BUSY, joined},
    state::{Inner, Known},
    torrents::State,
};

/// A client that has just started fills its list by and by: it is compared with once it has been
/// the same for so long.
const SETTLED: Duration = Duration::from_secs(2);

/// How often `sync/maindata` is asked when nothing is under way.
const QUIET: Duration = Duration::from_millis(1_500);

/// What an answer to it takes is time of the client's main thread, most of all with a long list: so
/// many times as long it is left alone then.
const REST: u32 = 20;

/// How old the preferences may be. They say what is to be hidden.
const PREFERENCES_AGE: Duration = Duration::from_secs(10);

fn same(one: &Network, other: &Network) -> bool {
    let all = |network: &Network| {
        let proxy = network.proxy.clone().map(|p| (p.kind, p.host, p.port, p.user, p.password));
        (network.interface.clone(), proxy)
    };
    all(one) == all(other)
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
        let now = Moment::now();
        let due = inner.due.is_none_or(|due| due <= now);
        let fresh = |inner: &Inner, now| inner.helped.values().any(|help| help.is_fresh(now));
        let many = inner.helped.len() > BATCH && fresh(inner, now);
        if inner.connected && inner.settling.is_none() && !due && !many {
            let looked_at = |help: &Help| help.is_fresh(now) || help.again <= now;
            let ids = inner.helped.iter().filter(|(_, help)| looked_at(help));
            let ids: Vec<_> = ids.map(|(id, _)| *id).collect();
            if !ids.is_empty() {
                self.glance(inner, &ids).await?;
                let helped = self.help(inner).await;
                self.noted(inner, helped)?;
            }
        } else {
            let start = Moment::now();
            self.poll(inner).await?;
            inner.due = Some(Moment::now() + QUIET.max(start.elapsed() * REST));
        }
        let now = Moment::now();
        if inner.settling.is_some() {
            return Ok(BUSY);
        }
        if fresh(inner, now) {
            return Ok(if inner.helped.len() <= BATCH { BUSY / 4 } else { BUSY });
        }
        let next = inner.helped.values().map(|help| help.again).chain(inner.due).min();
        Ok(next.map_or(QUIET, |next| next.saturating_duration_since(now).max(BUSY / 4)))
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
                if let Some(known) = &mut inner.known {
                    known.at = None;
                }
                let mut seen = self.seen.lock();
                seen.online = false;
                seen.gives_nothing = false;
                seen.warnings = vec![format!("{error}. {}", error.hint())];
                Err(error)
            }
        }
    }

    async fn sync(&self, inner: &mut Inner) -> Result<(), ApiError> {
        if !inner.connected {
            let (program, version) = self.api.versions().await?;
            inner.version = version;
            self.seen.lock().version = program;
        }
        let rid = inner.torrents.rid.to_string();
        let answer = self.api.get_json("sync/maindata", &[("rid", &rid)]).await?;
        let full = answer["full_update"].as_bool().unwrap_or(false);
        inner.server.take(&answer);
        let mut changes = inner.torrents.take(&answer);
        changes.extend(self.gone_between(inner).await?);
        if full {
            inner.log = Log::default();
        }
        if full || !inner.connected {
            inner.connected = true;
            inner.settling = Some(Moment::now());
        }
        if let Some(since) = &mut inner.settling {
            if changes.iter().any(|change| matches!(change, Change::Added(_))) {
                *since = Moment::now();
            } else if since.elapsed() >= SETTLED {
                inner.settling = None;
                self.help_ours(inner);
                self.waiting.lock().push(Change::Connected);
            }
        } else {
            self.tell(inner, changes);
        }
        self.help(inner).await?;
        self.look_over(inner).await;
        self.look(inner).await
    }

    /// What was there and gone again between two looks.
    async fn gone_between(&self, inner: &mut Inner) -> Result<Vec<Change>, ApiError> {
        let ids = inner.torrents.unlisted();
        let mut gone = Vec::new();
        for batch in ids.chunks(BATCH) {
            let answer = self.api.torrents(&joined(batch)).await?;
            let (found, changes) = inner.torrents.take_some(&answer);
            gone.extend(changes);
            inner.torrents.asked_for(batch);
            for id in batch.iter().filter(|id| !found.contains(id)) {
                inner.torrents.forget(id);
                gone.push(Change::Removed(*id));
            }
        }
        Ok(gone)
    }

    fn tell(&self, inner: &mut Inner, changes: Vec<Change>) {
        let mut waiting = self.waiting.lock();
        for change in changes {
            match change {
                Change::Added(id) if inner.given.contains(&id) => continue,
                Change::Removed(id) | Change::LimitReached(id) => {
                    inner.given.remove(&id);
                    inner.helped.remove(&id);
                }
                Change::Complete(id, false) if inner.given.contains(&id) => {
                    let state = inner.torrents.get(&id).map(|torrent| torrent.state);
                    if matches!(state, Some(State::Stopped | State::Queued)) {
                        inner.helped.remove(&id);
                    } else {
                        inner.helped.entry(id).or_insert_with(Help::ours).stopped_seeding();
                    }
                }
                _ => {}
            }
            waiting.push(change);
        }
    }

    /// Looks at the preferences from time to time, and says what stands in the way.
    async fn look(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let fresh = |known: &Known| known.at.is_some_and(|at| at.elapsed() < PREFERENCES_AGE);
        if !inner.known.as_ref().is_some_and(fresh) {
            self.learn(inner).await?;
        }
        let known = inner.known.as_ref();
        let mut warnings = known
            .map(|known| known.preferences.warnings(known.whereabouts.here))
            .unwrap_or_default();
        let count = |state: State| {
            let of_ours = |id| inner.given.contains(id);
            inner.torrents.iter().filter(|(id, t)| t.state == state && of_ours(*id)).count()
        };
        let broken = inner.torrents.iter().filter(|(_, t)| t.state == State::Broken).count();
        let [stopped, queued, unwanted] =
            [State::Stopped, State::Queued, State::Unwanted].map(count);
        if broken > 0 {
            let seen = self.read_log(inner).await;
            warnings.push(match seen {
                Some(reason) => format!(
                    "qBittorrent reports an error for {broken} of Upseed's torrents: {reason}. Upseed's \
                     own engine hosts them meanwhile"
                ),
                None => format!(
                    "qBittorrent reports an error for {broken} of Upseed's torrents; Upseed's own engine \
                     hosts them meanwhile. Its log says why (View, Log)"
                ),
            });
        }
        if unwanted > 0 {
            warnings.push(format!(
                "qBittorrent does not download the file of {unwanted} of Upseed's torrents: their \
                 priority is \"Do not download\", or the file's name is excluded (Options, Downloads, \
                 Excluded file names); Upseed's own engine hosts them meanwhile"
            ));
        }
        if stopped > 0 {
            warnings.push(format!(
                "{stopped} of Upseed's torrents are stopped in qBittorrent; Upseed's own engine \
                 hosts them meanwhile"
            ));
        }
        if queued > 0 {
            warnings.push(format!(
                "{queued} of Upseed's torrents wait in qBittorrent's queue (Options, BitTorrent, \
                 Torrent Queueing); Upseed's own engine hosts them meanwhile"
            ));
        }
        let known = inner.known.as_ref();
        let proxied = known.is_some_and(|known| known.network().proxy.is_some());
        let silence = inner.server.gives_nothing(proxied);
        let mut seen = self.seen.lock();
        seen.online = true;
        seen.gives_nothing = silence.is_some();
        warnings.extend(silence);
        seen.warnings = warnings;
        Ok(())
    }

    /// What its log said last of an error with a text.
    async fn read_log(&self, inner: &mut Inner) -> Option<String> {
        let since = inner.log.seen.to_string();
        let query = [
            ("normal", "false"),
            ("info", "false"),
            ("warning", "true"),
            ("critical", "true"),
            ("last_known_id", since.as_str()),
        ];
        match self.api.get_json("log/main", &query).await {
            Ok(lines) => inner.log.take(&lines),
            Err(error) => tracing::debug!(%error, "its log is read later"),
        }
        inner.log.last.clone()
    }

    /// Reads the preferences. What cannot be read leaves what was known before.
    async fn learn(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let read = async {
            let preferences = Preferences::read(&self.api.preferences().await?)?;
            let whereabouts = match (self.api.whereabouts().await, &inner.known) {
                (Ok(found), _) => found,
                (Err(error), None) => return Err(error),
                // It answers: it is where it was.
                (Err(_), Some(known)) => known.whereabouts,
            };
            Ok(Known { at: Some(Moment::now()), preferences, whereabouts })
        };
        match (read.await, &mut inner.known) {
            (Ok(known), before) => {
                if before.as_ref().is_some_and(|old| !same(&old.network(), &known.network())) {
                    self.waiting.lock().push(Change::Network);
                }
                inner.torrents.keeps_at_limit = !known.preferences.removes_at_limit;
                *before = Some(known);
                Ok(())
            }
            (Err(error @ ApiError::Strange { .. }), Some(known)) => {
                tracing::debug!(%error, "the preferences stay as they were");
                known.at = Some(Moment::now());
                Ok(())
            }
            (Err(error), _) => Err(error),
        }
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
