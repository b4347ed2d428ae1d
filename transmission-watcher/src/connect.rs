//! Looking a Transmission over before it hosts: what is there, what of it matters, what was made.
//!
//! Nothing of the client's own settings is changed: Upseed's torrents are exempt from its limits one
//! by one. So doing it twice is doing it once, and there is little to undo.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::json;

use crate::{
    Settings, TransmissionError,
    folder::{self, Sharing},
    network::Place,
    rpc::Rpc,
    session::{OLDEST, Session},
    table::{FIELDS, Rows, Table},
    watch::{REJECTED, WatchSettings},
};

/// How it goes out, as far as that can be seen here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By every address of this machine.
    Free,
    /// By this address alone, and so does this node.
    Bound(IpAddr),
    /// From another machine.
    Elsewhere,
    /// That is not known.
    Unknown(String),
}

/// What was found, and what was made.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where it answers.
    pub url: String,
    /// Its version.
    pub version: String,
    /// The number of its RPC's version.
    pub rpc_version: u64,
    /// Its torrents, and those of them that are Upseed's.
    pub torrents: (usize, usize),
    /// Where it saves.
    pub download_dir: PathBuf,
    /// The folder that it shares with this machine.
    pub shared: Option<PathBuf>,
    /// Why there is none.
    pub apart: Option<String>,
    /// Where it runs and how it goes out.
    pub network: Way,
    /// Limits of its own, from which Upseed's torrents are exempt.
    pub limits: Vec<String>,
    /// What would silence votes, and what to change.
    pub warnings: Vec<String>,
    /// Its own watch folder.
    pub watch_dir: Option<PathBuf>,
    /// Upseed's watch folder.
    pub watch: Option<PathBuf>,
    /// Where ordinary torrents go on to.
    pub ordinary_to: Option<PathBuf>,
    /// What was made or changed.
    pub changed: Vec<String>,
    /// How to undo it.
    pub undo: Vec<String>,
}

impl Report {
    /// For people, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "Transmission {} at {} (RPC {}), with {} torrents, {} of them Upseed's.",
            self.version, self.url, self.rpc_version, self.torrents.0, self.torrents.1
        )];
        lines.push(match (&self.shared, &self.apart) {
            (Some(folder), _) => format!("Upseed puts texts into {}.", folder.display()),
            (None, why) => format!(
                "It shares no folder with this machine ({}): it downloads texts from this node, \
                 through a private tracker.",
                why.as_deref().unwrap_or("not tried")
            ),
        });
        lines.push(match &self.network {
            Way::Free => "It is not bound to an address, and neither is this node.".into(),
            Way::Bound(ip) => format!("It is bound to {ip}; this node uses no other address."),
            Way::Elsewhere => {
                "It runs on another machine, so this node uses this machine's network. If \
                 Transmission hides its address behind a VPN or proxy, set up the same on this \
                 machine."
                    .into()
            }
            Way::Unknown(why) => format!("Warning: {why}."),
        });
        for limit in &self.limits {
            lines.push(format!("It {limit}; this does not apply to Upseed's torrents."));
        }
        if let Some(watch) = &self.watch {
            lines.push(format!(
                "Drop Upseed .torrent and .magnet files into {} to upvote them.",
                watch.display()
            ));
            lines.push(match &self.ordinary_to {
                Some(to) => format!("Ordinary torrents are passed on to {}.", to.display()),
                None => "Ordinary torrents are left alone there.".into(),
            });
        }
        lines.extend(self.warnings.iter().map(|warning| format!("Warning: {warning}")));
        lines.extend(self.changed.iter().map(|changed| format!("Made: {changed}")));
        lines.extend(self.undo.iter().map(|undo| format!("To undo: {undo}")));
        lines
    }
}

/// Looks it over: logs in, tries the folders, makes those that are missing.
pub async fn connect(settings: &Settings) -> Result<Report, TransmissionError> {
    let rpc = Rpc::new(settings)?;
    let session: Session = rpc.call("session-get", json!({})).await?;
    if session.rpc_version < OLDEST {
        return Err(TransmissionError::TooOld(session.short_version()));
    }
    let rows: Rows = rpc.call("torrent-get", json!({ "fields": FIELDS })).await?;
    let mut table = Table::default();
    table.connected(&rows.torrents, std::time::SystemTime::now());
    let folder = session.download_dir.join(folder::NAME);
    let was_there = folder.exists();
    let sharing = folder::probe(&rpc, &session.download_dir).await?;
    let (network, watch_dir) = {
        let (url, session, named) = (rpc.url().clone(), session.clone(), settings.file.clone());
        let read =
            tokio::task::spawn_blocking(move || Place::of(&url, &session, named.as_deref()).read());
        match read.await.map_err(|error| TransmissionError::Failed(error.to_string()))? {
            Ok(Some(local)) => (local.bound().map_or(Way::Free, Way::Bound), local.watch),
            Ok(None) => (Way::Elsewhere, None),
            Err(error) => (Way::Unknown(error.to_string()), None),
        }
    };

    let (mut changed, mut undo) = (Vec::new(), Vec::new());
    if !was_there && folder.exists() {
        changed.push(format!("the folder {}", folder.display()));
    }
    let watch = WatchSettings::of(settings, watch_dir.clone());
    if let Some(watch) = &watch {
        if prepare(watch, watch_dir.as_deref())? {
            changed.push(format!("the folder {}", watch.folder.display()));
        }
        undo.push(
            "`upseed connect transmission --undo`: dropped files are then no longer upvotes".into(),
        );
    }
    undo.push(
        "`upseed run --client embedded`; Transmission goes on hosting what it has until you remove \
         it there"
            .into(),
    );
    let (shared, apart) = match sharing {
        Sharing::Shared(folder) => (Some(folder), None),
        Sharing::Apart(why) => (None, Some(why)),
    };
    Ok(Report {
        url: rpc.url().to_string(),
        version: session.short_version(),
        rpc_version: session.rpc_version,
        torrents: (rows.torrents.len(), table.hosted().len()),
        shared,
        apart,
        network,
        limits: session.limits(),
        warnings: session.warnings(),
        watch_dir,
        watch: watch.as_ref().map(|watch| watch.folder.clone()),
        ordinary_to: watch.and_then(|watch| watch.ordinary_to),
        download_dir: session.download_dir,
        changed,
        undo,
    })
}

/// Removes the folders that [`connect`] made, if nothing is in them; says which.
pub fn disconnect(report: &Report) -> Vec<PathBuf> {
    let rejected = report.watch.as_ref().map(|watch| watch.join(REJECTED));
    let folders = [report.shared.as_ref(), rejected.as_ref(), report.watch.as_ref()];
    let removed =
        folders.into_iter().flatten().filter(|folder| std::fs::remove_dir(folder).is_ok());
    removed.cloned().collect()
}

/// Makes the watch folder; true if it was not there.
fn prepare(watch: &WatchSettings, own: Option<&Path>) -> Result<bool, TransmissionError> {
    let folder = &watch.folder;
    let made = !folder.exists();
    std::fs::create_dir_all(folder).map_err(TransmissionError::file(folder))?;
    // Files are renamed in it.
    tempfile::tempfile_in(folder).map_err(TransmissionError::file(folder))?;
    let here = std::fs::canonicalize(folder).ok();
    if own.is_some_and(|own| std::fs::canonicalize(own).ok() == here) {
        let why = "Transmission itself watches this folder and would add every file before it is \
                   verified: choose another folder with --watch";
        return Err(TransmissionError::File { path: folder.clone(), why: why.into() });
    }
    Ok(made)
}

impl WatchSettings {
    /// The watch folder of these settings, if they name one. `own` is Transmission's own watch folder,
    /// to which ordinary torrents go on unless the user named another one.
    pub fn of(settings: &Settings, own: Option<PathBuf>) -> Option<Self> {
        let own = own.filter(|own| own.is_dir());
        Some(Self {
            folder: settings.watch.clone()?,
            ordinary_to: settings.pass_to.clone().or(own),
            items_to: settings.pass_to.clone(),
            poll: settings.poll,
        })
    }
}
