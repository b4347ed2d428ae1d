//! The watch folder: an Upseed .torrent or .magnet dropped there is upvoted.
//!
//! What is good is renamed to `.added`; what is bad moves to `rejected/` beside a text that says
//! why; ordinary torrents go on to another folder, or stay. The newest come first, and what the
//! folder holds is never in memory: each look takes a few of the newest.

mod ages;
mod file;
mod judge;
mod magnets;
mod ordinary;
mod scan;
mod shelve;
mod usable;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use upseed_clock::Moment;

use notify::Watcher as _;
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use upseed_client::sink::{Dropped, Sink, Verdict};
use upseed_model::Infohash;

pub(crate) use self::file::{read_linked, read_small};
pub use self::shelve::REJECTED;
use self::{
    ages::Ages,
    judge::{Judged, judge},
    scan::{Candidate, Ending, Seen, newest},
};
use crate::{TransmissionError, rpc::line};

/// Files taken in one look: so few that a newer one waits for no more than these.
const BATCH: usize = 32;

/// Between two looks when nothing was told: always, for a folder on another machine tells nothing.
const LOOK: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_secs(1);

/// Between two looks that found nothing to do: a file that is written all the time, or a storm of new
/// names, must not have this one busy too.
const GAP: Duration = Duration::from_millis(200);

/// Files of magnets that are looked for at a time.
const MAGNETS: usize = 8;

/// Before what could not be done now is tried again: as long as the file lies there already, between
/// these two. What it waits for may lie in the same folder.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(600);

/// Longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// What to watch, and where things go.
#[derive(Debug, Clone, Default)]
pub struct WatchSettings {
    /// The folder.
    pub folder: PathBuf,
    /// Where ordinary torrents go on to; they stay if there is none.
    pub ordinary_to: Option<PathBuf>,
    /// Where the .torrents of upvoted items are written too, for any client that watches a folder.
    pub items_to: Option<PathBuf>,
    /// Look at intervals of a second, whatever the system says of changes.
    pub poll: bool,
}

/// What became of the files so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Upvoted.
    pub added: u64,
    /// Moved to `rejected/`.
    pub rejected: u64,
    /// Ordinary torrents that went on.
    pub passed: u64,
    /// Still there at the last look: growing, looked for, or ordinary.
    pub waiting: u64,
}

#[derive(Default)]
struct Tally {
    added: AtomicU64,
    rejected: AtomicU64,
    passed: AtomicU64,
    waiting: AtomicU64,
}

/// A folder that is watched. It ends when dropped.
pub struct Watch {
    tally: Arc<Tally>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    settings: WatchSettings,
    sink: Arc<dyn Sink>,
    seen: Mutex<Seen>,
    ages: Mutex<Ages>,
    tally: Arc<Tally>,
    woken: Arc<Notify>,
    magnets: Arc<Semaphore>,
}

impl Watch {
    /// Watches a folder, which is made if only it is missing. What lies in it already is taken too. A
    /// folder that cannot be used now, such as a network drive that is not there yet, is waited for.
    pub fn start(settings: WatchSettings, sink: Arc<dyn Sink>) -> Result<Self, TransmissionError> {
        let folder = &settings.folder;
        for other in [&settings.ordinary_to, &settings.items_to].into_iter().flatten() {
            let here = std::fs::canonicalize(folder).ok();
            if other == folder
                || here.is_some_and(|here| other.canonicalize().is_ok_and(|o| o == here))
            {
                let why = "it is the watched folder itself".into();
                return Err(TransmissionError::File { path: other.clone(), why });
            }
            if let Err(error) = std::fs::read_dir(other) {
                tracing::warn!(folder = %other.display(), %error, "torrents to be passed on wait \
                                                                   for this folder");
            }
        }
        // Who drops a file at once finds the folder; what is in the way is waited for.
        let _ = std::fs::create_dir(folder);
        let tally = Arc::<Tally>::default();
        let shared = Arc::new(Shared {
            settings,
            sink,
            seen: Mutex::default(),
            ages: Mutex::default(),
            tally: tally.clone(),
            woken: Arc::new(Notify::new()),
            magnets: Arc::new(Semaphore::new(MAGNETS)),
        });
        Ok(Self { tally, task: tokio::spawn(run(shared)) })
    }

    /// What became of the files so far.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            added: read(&self.tally.added),
            rejected: read(&self.tally.rejected),
            passed: read(&self.tally.passed),
            waiting: read(&self.tally.waiting),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(shared: Arc<Shared>) {
    let mut magnets = JoinSet::new();
    loop {
        usable::wait(&shared.settings.folder, shared.sink.as_ref(), LOOK).await;
        // A folder that was away is another one now. Kept while it is watched; without it, the folder
        // is looked at all the same.
        let _watcher = if shared.settings.poll { None } else { watcher(&shared) };
        shared.while_usable(&mut magnets).await;
    }
}

fn watcher(shared: &Arc<Shared>) -> Option<notify::RecommendedWatcher> {
    let woken = shared.woken.clone();
    let folder = &shared.settings.folder;
    let told = move |event: notify::Result<notify::Event>| {
        // To read a file is no change of it; this watch itself reads.
        if !event.is_ok_and(|event| event.kind.is_access() && !closed_writing(&event.kind)) {
            woken.notify_one();
        }
    };
    let watcher = notify::recommended_watcher(told).and_then(|mut watcher| {
        watcher.watch(folder, notify::RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    watcher
        .inspect_err(|error| {
            tracing::info!(folder = %folder.display(), %error, "the watch folder is looked at every few seconds");
        })
        .ok()
}

fn closed_writing(kind: &notify::EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    matches!(kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
}

fn retry(candidate: &Candidate) -> Duration {
    candidate.since.elapsed().clamp(FIRST_RETRY, LAST_RETRY)
}

impl Shared {
    /// Takes what is dropped, until the folder cannot be used any more.
    async fn while_usable(self: &Arc<Self>, magnets: &mut JoinSet<()>) {
        loop {
            while magnets.try_join_next().is_some() {}
            let looked = {
                let shared = self.clone();
                tokio::task::spawn_blocking(move || shared.look()).await
            };
            let judged = match looked {
                Ok(Ok(judged)) => judged,
                Ok(Err(error)) => {
                    let folder = self.settings.folder.display();
                    tracing::warn!(%folder, %error, "the watch folder cannot be used");
                    return;
                }
                Err(_) => Vec::new(),
            };
            if judged.is_empty() {
                self.ages.lock().rest();
            }
            let mut done = false;
            for (candidate, judged) in judged {
                done |= self.take(candidate, judged, magnets).await;
            }
            if !done {
                tokio::time::sleep(GAP).await;
                let pause = if self.settings.poll { POLL } else { LOOK };
                let due = self.seen.lock().next_due(Moment::now()).unwrap_or(pause);
                tokio::select! {
                    () = tokio::time::sleep(due.min(pause)) => {}
                    () = self.woken.notified() => {}
                }
            }
        }
    }

    /// The newest files that are due, each judged. Reads the disk.
    fn look(&self) -> std::io::Result<Vec<(Candidate, Judged)>> {
        usable::check(&self.settings.folder)?;
        let now = Moment::now();
        let mut seen = self.seen.lock();
        let candidates = newest(&self.settings.folder, &mut seen, BATCH, now)?;
        self.tally.waiting.store(seen.len() as u64, Ordering::Relaxed);
        drop(seen);
        let judged = candidates.into_iter().map(|candidate| {
            let judged = judge(&self.settings.folder, &candidate, now);
            (candidate, judged)
        });
        Ok(judged.collect())
    }

    /// Does what a file is for. False if nothing was done, and it lies there as before.
    async fn take(
        self: &Arc<Self>,
        candidate: Candidate,
        judged: Judged,
        magnets: &mut JoinSet<()>,
    ) -> bool {
        match judged {
            Judged::Magnets(links) => {
                let Ok(permit) = self.magnets.clone().try_acquire_owned() else {
                    self.seen.lock().later(&candidate, POLL);
                    return false;
                };
                self.seen.lock().later(&candidate, FOREVER);
                let shared = self.clone();
                magnets.spawn(async move {
                    let links = links.into_iter().map(Dropped::Magnet).collect();
                    shared.upvote(candidate, links).await;
                    drop(permit);
                    shared.woken.notify_one();
                });
            }
            Judged::Good(item) => self.upvote(candidate, vec![Dropped::Torrent(item)]).await,
            Judged::Ordinary if self.settings.ordinary_to.is_none() => {
                self.seen.lock().later(&candidate, FOREVER);
                return false;
            }
            Judged::Ordinary => self.carry_out(candidate, Verdict::Ordinary).await,
            Judged::Bad(why) => self.carry_out(candidate, Verdict::Bad(why)).await,
            Judged::NotNow(why) => {
                self.carry_out(candidate, Verdict::Later(why)).await;
                return false;
            }
            Judged::Leave => {
                self.seen.lock().later(&candidate, FOREVER);
                return false;
            }
            Judged::Wait(pause) => {
                self.seen.lock().later(&candidate, pause);
                return false;
            }
        }
        true
    }

    /// Upvotes everything that a file leads to, writes it for the other client, and puts the file
    /// away.
    async fn upvote(self: &Arc<Self>, mut candidate: Candidate, all: Vec<Dropped>) {
        let items: Vec<_> = all.iter().map(Dropped::infohash).collect();
        let mut verdicts = Vec::new();
        let now = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        let since = self.ages.lock().of(candidate.modified, now);
        for dropped in all.into_iter().filter(|_| !candidate.voted) {
            verdicts.push(self.sink.upvote(dropped, since).await);
        }
        let mut verdict = of_all(verdicts);
        if verdict == Verdict::Done {
            // From here on the vote is the user's to take back: it is not cast again.
            candidate.voted = true;
            for item in items {
                if let Err(why) = self.write_for_other(item).await {
                    verdict = Verdict::Later(why);
                }
            }
        }
        self.carry_out(candidate, verdict).await;
    }

    /// Puts a file where its verdict sends it.
    async fn carry_out(self: &Arc<Self>, candidate: Candidate, verdict: Verdict) {
        let shared = self.clone();
        let done = tokio::task::spawn_blocking(move || shared.shelve(&candidate, verdict)).await;
        if let Err(error) = done {
            tracing::error!(%error, "a dropped file was not put away");
        }
    }

    fn shelve(&self, candidate: &Candidate, verdict: Verdict) {
        let folder = &self.settings.folder;
        let name = line(&candidate.name.to_string_lossy());
        let (done, count) = match &verdict {
            Verdict::Done => (shelve::added(folder, &candidate.name), &self.tally.added),
            Verdict::Bad(why) => {
                tracing::warn!(file = %name, %why, "rejected from the watch folder");
                (shelve::rejected(folder, &candidate.name, why), &self.tally.rejected)
            }
            Verdict::Ordinary => match &self.settings.ordinary_to {
                Some(to) => {
                    let whole = candidate.ending == Ending::Torrent;
                    (shelve::pass(folder, &candidate.name, to, whole), &self.tally.passed)
                }
                None => return self.seen.lock().later(candidate, FOREVER),
            },
            Verdict::Later(why) => {
                tracing::info!(file = %name, %why, "tried again later");
                return self.seen.lock().later(candidate, retry(candidate));
            }
        };
        match done {
            Ok(()) => {
                count.fetch_add(1, Ordering::Relaxed);
                self.seen.lock().forget(candidate);
            }
            // It stays, and is not taken again until it changes: a vote is enough once.
            Err(error) => {
                tracing::warn!(file = %name, %error, "cannot be moved out of the watch folder");
                // A folder that is not there now may be there soon.
                let ordinary = verdict == Verdict::Ordinary;
                let pause = if ordinary { retry(candidate) } else { FOREVER };
                self.seen.lock().later(candidate, pause);
            }
        }
    }

    /// Writes the .torrent of an upvoted item into the folder of another client.
    async fn write_for_other(&self, item: Infohash) -> Result<(), String> {
        let Some(to) = self.settings.items_to.clone() else { return Ok(()) };
        let (name, torrent) = self.sink.torrent(item).await?;
        let path = to.join(name);
        let put = tokio::task::spawn_blocking(move || crate::folder::put(&path, &torrent)).await;
        let put = put.map_err(|error| error.to_string())?;
        put.map_err(|error| format!("upvoted, but not passed on yet: {error}"))
    }
}

/// Of all links in one file: what is wrong with one of them is said of all, but not before every
/// other one had its turn.
fn of_all(verdicts: Vec<Verdict>) -> Verdict {
    let ordinary = verdicts.iter().filter(|verdict| **verdict == Verdict::Ordinary).count();
    if ordinary > 0 && ordinary == verdicts.len() {
        return Verdict::Ordinary;
    }
    let is_later = |verdict: &Verdict| matches!(verdict, Verdict::Later(_));
    if let Some(later) = verdicts.iter().find(|verdict| is_later(verdict)) {
        return later.clone();
    }
    if let Some(bad) = verdicts.iter().find(|verdict| matches!(verdict, Verdict::Bad(_))) {
        return bad.clone();
    }
    if ordinary > 0 {
        return Verdict::Bad("some of its links lead to ordinary torrents".into());
    }
    Verdict::Done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_several_links() {
        let bad = || Verdict::Bad("so".into());
        let later = || Verdict::Later("so".into());
        assert_eq!(of_all(Vec::new()), Verdict::Done, "voted before");
        assert_eq!(of_all(vec![Verdict::Done, Verdict::Done]), Verdict::Done);
        assert_eq!(of_all(vec![Verdict::Ordinary, Verdict::Ordinary]), Verdict::Ordinary);
        assert!(matches!(of_all(vec![Verdict::Ordinary, Verdict::Done]), Verdict::Bad(_)));
        assert_eq!(of_all(vec![Verdict::Done, bad()]), bad());
        assert_eq!(of_all(vec![bad(), later()]), later());
    }
}
