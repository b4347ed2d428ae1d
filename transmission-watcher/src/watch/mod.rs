//! The watch folder: an Upseed .torrent or .magnet dropped there is upvoted.
//!
//! What is good is renamed to `.added`; what is bad moves to `rejected/` beside a text that says
//! why; ordinary torrents go on to another folder, or stay. The newest come first, and what the
//! folder holds is never in memory: each look takes a few of the newest.

mod file;
mod judge;
mod scan;
mod shelve;
mod sink;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use notify::Watcher as _;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use upseed_model::torrent;

pub(crate) use self::file::read_small;
use self::{
    judge::{Judged, judge},
    scan::{Candidate, Seen, newest},
};
pub use self::{
    shelve::REJECTED,
    sink::{Answer, Dropped, Sink, Verdict},
};
use crate::TransmissionError;

/// Files taken in one look: so few that a newer one waits for no more than these.
const BATCH: usize = 32;

/// Between two looks when nothing was told: always, for a folder on another machine tells nothing.
const LOOK: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_secs(1);

/// Magnets that are looked for at a time.
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
    tally: Arc<Tally>,
    woken: Arc<Notify>,
    magnets: Arc<Semaphore>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    /// Watches a folder, which is made if it is not there. What lies in it already is taken too.
    pub fn start(settings: WatchSettings, sink: Arc<dyn Sink>) -> Result<Self, TransmissionError> {
        let folder = &settings.folder;
        std::fs::create_dir_all(folder).map_err(TransmissionError::file(folder))?;
        std::fs::read_dir(folder).map_err(TransmissionError::file(folder))?;
        for other in [&settings.ordinary_to, &settings.items_to].into_iter().flatten() {
            let meta = std::fs::metadata(other).map_err(TransmissionError::file(other))?;
            let same = std::fs::canonicalize(other).ok() == std::fs::canonicalize(folder).ok();
            if same || !meta.is_dir() {
                let why = if same { "it is the watched folder itself" } else { "not a folder" };
                return Err(TransmissionError::File { path: other.clone(), why: why.into() });
            }
        }
        let tally = Arc::<Tally>::default();
        let shared = Arc::new(Shared {
            settings,
            sink,
            seen: Mutex::default(),
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
    // Kept while the folder is watched; without it, it is looked at all the same.
    let _watcher = if shared.settings.poll { None } else { watcher(&shared) };
    let mut magnets = JoinSet::new();
    loop {
        while magnets.try_join_next().is_some() {}
        let looked = {
            let shared = shared.clone();
            tokio::task::spawn_blocking(move || shared.look()).await
        };
        let judged = match looked {
            Ok(Ok(judged)) => judged,
            Ok(Err(error)) => {
                tracing::warn!(folder = %shared.settings.folder.display(), %error, "the watch folder cannot be read");
                Vec::new()
            }
            Err(_) => Vec::new(),
        };
        let nothing = judged.is_empty();
        for (candidate, judged) in judged {
            match judged {
                Judged::Magnet(magnet) => {
                    let Ok(permit) = shared.magnets.clone().try_acquire_owned() else {
                        locked(&shared.seen).later(&candidate, POLL);
                        continue;
                    };
                    locked(&shared.seen).later(&candidate, FOREVER);
                    let shared = shared.clone();
                    magnets.spawn(async move {
                        let verdict = shared.sink.upvote(Dropped::Magnet(magnet)).await;
                        shared.carry_out(candidate, verdict).await;
                        drop(permit);
                        shared.woken.notify_one();
                    });
                }
                Judged::Good(item) => {
                    let envelope = torrent::write(&item, None, &[]);
                    let dropped = Dropped::Torrent(item.clone(), envelope.clone());
                    let verdict = shared.sink.upvote(dropped).await;
                    if verdict == Verdict::Done {
                        shared.pass_item(item.file_name(), envelope).await;
                    }
                    shared.carry_out(candidate, verdict).await;
                }
                Judged::Ordinary => shared.carry_out(candidate, Verdict::Ordinary).await,
                Judged::Bad(why) => shared.carry_out(candidate, Verdict::Bad(why)).await,
                Judged::Leave => locked(&shared.seen).later(&candidate, FOREVER),
                Judged::Wait(pause) => locked(&shared.seen).later(&candidate, pause),
            }
        }
        if nothing {
            let pause = if shared.settings.poll { POLL } else { LOOK };
            let due = locked(&shared.seen).next_due(Instant::now()).unwrap_or(pause);
            tokio::select! {
                () = tokio::time::sleep(due.min(pause)) => {}
                () = shared.woken.notified() => {}
            }
        }
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
    /// The newest files that are due, each judged. Reads the disk.
    fn look(&self) -> std::io::Result<Vec<(Candidate, Judged)>> {
        let now = Instant::now();
        let mut seen = locked(&self.seen);
        let candidates = newest(&self.settings.folder, &mut seen, BATCH, now)?;
        self.tally.waiting.store(seen.len() as u64, Ordering::Relaxed);
        drop(seen);
        let judged = candidates.into_iter().map(|candidate| {
            let judged = judge(&self.settings.folder, &candidate, now);
            (candidate, judged)
        });
        Ok(judged.collect())
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
        let name = candidate.name.to_string_lossy();
        let (done, count) = match &verdict {
            Verdict::Done => (shelve::added(folder, &candidate.name), &self.tally.added),
            Verdict::Bad(why) => {
                tracing::warn!(file = %name, %why, "rejected from the watch folder");
                (shelve::rejected(folder, &candidate.name, why), &self.tally.rejected)
            }
            Verdict::Ordinary => match &self.settings.ordinary_to {
                Some(to) => (shelve::pass(folder, &candidate.name, to), &self.tally.passed),
                None => return locked(&self.seen).later(candidate, FOREVER),
            },
            Verdict::Later(why) => {
                tracing::info!(file = %name, %why, "tried again later");
                return locked(&self.seen).later(candidate, retry(candidate));
            }
        };
        match done {
            Ok(()) => {
                count.fetch_add(1, Ordering::Relaxed);
                locked(&self.seen).forget(candidate);
            }
            // It stays, and is not taken again until it changes: a vote is enough once.
            Err(error) => {
                tracing::warn!(file = %name, %error, "cannot be moved out of the watch folder");
                let pause = if verdict == Verdict::Ordinary { LAST_RETRY } else { FOREVER };
                locked(&self.seen).later(candidate, pause);
            }
        }
    }

    /// Writes the .torrent of an upvoted item for another client, anew.
    async fn pass_item(&self, name: &str, envelope: Vec<u8>) {
        let Some(to) = self.settings.items_to.clone() else { return };
        let path = to.join(format!("{name}.torrent"));
        let put = tokio::task::spawn_blocking(move || crate::folder::put(&path, &envelope)).await;
        if let Ok(Err(error)) = put {
            tracing::warn!(%error, "the .torrent was not passed on");
        }
    }
}
