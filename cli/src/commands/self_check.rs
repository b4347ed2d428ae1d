//! `upseed self-check`.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use rustix::fs::{Access, access, statvfs};
use serde::Serialize;
use upseed_node::{Folder, now};

use super::service;
use crate::{
    args::{ClientKind, RunArgs},
    clients::Kept,
    failure::{Done, Failure},
    finding::{self, Finding, FolderFacts, State},
    print::{self, plural},
    remote::Remote,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize)]
struct Report {
    ok: bool,
    findings: Vec<Finding>,
}

/// Looks at everything, and fails if something is wrong.
pub(super) async fn run(folder: &Folder, json: bool) -> Done {
    let mut findings = vec![program()];
    findings.extend(others().map(|other| {
        let message = format!("another upseed is in PATH: {}", other.display());
        Finding::note("command", message).hint("Remove the one that you do not use.")
    }));
    findings.push(finding::folder(&facts(folder)));
    findings.push(finding::disk(free(folder.path())));
    findings.extend(service::finding());
    match folder.running() {
        Some(running) => match asked(folder).await {
            Ok(found) => {
                let message = format!("runs as process {}", running.pid);
                findings.push(Finding::ok("node", message));
                findings.extend(found);
            }
            Err(failure) => findings.push(unanswered(&failure)),
        },
        None if folder.is_locked() => {
            findings.push(Finding::note("node", "it is just starting or stopping"));
        }
        None => findings.extend(alone(folder).await),
    }
    let wrong = findings.iter().filter(|finding| finding.state == State::Wrong).count();
    let report = Report { ok: wrong == 0, findings };
    if json {
        print::json(&report)
    } else {
        show(&report, wrong)
    }
    if wrong == 0 { Ok(()) } else { Err(Failure::told(false)) }
}

fn show(report: &Report, wrong: usize) {
    for Finding { part, state, message, hint } in &report.findings {
        let mark = match state {
            State::Ok => "ok",
            State::Note => "--",
            State::Wrong => "!!",
        };
        print::out(&format!("{mark}  {part:<12} {}", print::safe(message)));
        if let Some(hint) = hint {
            print::out(&format!("{:<17}{}", "", print::safe(hint)));
        }
    }
    print::out("");
    print::out(&match wrong {
        0 => "Nothing is wrong.".to_owned(),
        1 => "1 thing is wrong: see the line that begins with \"!!\".".to_owned(),
        _ => format!(
            "{} are wrong: see the lines that begin with \"!!\".",
            plural(wrong as u64, "thing")
        ),
    });
}

fn program() -> Finding {
    let path = std::env::current_exe().map(|path| path.display().to_string());
    let path = path.unwrap_or_else(|_| "of an unknown place".into());
    Finding::ok("command", format!("upseed {VERSION}, {path}"))
}

/// Other commands of this name that a shell could find.
fn others() -> impl Iterator<Item = PathBuf> {
    let own = std::env::current_exe().and_then(|own| own.canonicalize()).ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = folders.into_iter().filter_map(|folder| folder.join("upseed").canonicalize().ok());
    // A /bin that is a link to /usr/bin gives the same one twice.
    let mut found: Vec<PathBuf> =
        found.filter(|path| path.is_file() && Some(path) != own.as_ref()).collect();
    found.sort();
    found.dedup();
    found.into_iter()
}

fn facts(folder: &Folder) -> FolderFacts {
    let path = folder.path();
    let Ok(there) = fs::metadata(path) else {
        return FolderFacts { path: path.to_owned(), ..FolderFacts::default() };
    };
    FolderFacts {
        path: path.to_owned(),
        exists: true,
        has_database: folder.database().exists(),
        has_key: folder.key().exists(),
        is_anothers: there.uid() != rustix::process::geteuid().as_raw(),
        is_writable: access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
        is_accepted: folder.is_accepted_open(),
        mode: there.permissions().mode() & 0o7777,
        open: folder.exposed(),
    }
}

/// Bytes that may still be written where the folder is or will be.
fn free(folder: &Path) -> Option<u64> {
    let folder = std::path::absolute(folder).ok()?;
    let there = folder.ancestors().find(|above| above.exists())?;
    let disk = statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// When something in the folder was last written, in unix seconds.
fn newest(folder: &Folder) -> Option<u64> {
    let times = fs::read_dir(folder.path()).ok()?.flatten().filter_map(|entry| {
        let written = entry.metadata().ok()?.modified().ok()?;
        Some(written.duration_since(UNIX_EPOCH).ok()?.as_secs())
    });
    times.max()
}

/// What the node itself says.
async fn asked(folder: &Folder) -> Result<Vec<Finding>, Failure> {
    let status = Remote::find(folder)?.status().await?;
    Ok(finding::node(&status, VERSION))
}

fn unanswered(failure: &Failure) -> Finding {
    Finding::wrong("node", failure.message())
        .hint("Look at what it prints. If it hangs, end it and start it again.")
}

/// What can be told without a node.
async fn alone(folder: &Folder) -> Vec<Finding> {
    let mut found = vec![finding::clock_alone(now(), newest(folder))];
    let kept = match Kept::read(folder) {
        Ok(kept) => kept.filter(|kept| kept.client != ClientKind::Embedded),
        Err(failure) => {
            found.push(Finding::wrong("client", failure.message()));
            None
        }
    };
    let usual = RunArgs::default();
    let mut wanted = vec![usual.listen];
    wanted.extend(kept.iter().map(|_| usual.proxy_listen));
    let tried: Vec<_> = wanted.into_iter().map(|at| (at, refused(at))).collect();
    found.extend(finding::ports(&tried));
    match &kept {
        Some(kept) => found.extend(connected(kept, folder).await),
        None => found.push(Finding::ok("client", "the embedded one: no other is connected")),
    }
    found.push(
        Finding::note(
            "node",
            "none runs on this folder, so the DHT and the ways from outside were not looked at",
        )
        .hint(format!(
            "Start it with `upseed run --data {}`, and try again.",
            folder.path().display()
        )),
    );
    found
}

/// Why nobody could listen there.
fn refused(at: SocketAddr) -> Option<String> {
    TcpListener::bind(at).err().map(|error| error.to_string())
}

/// The client that is connected, asked once.
async fn connected(kept: &Kept, folder: &Folder) -> Vec<Finding> {
    let opened = match kept.open(folder) {
        Ok(Some(opened)) => opened,
        Ok(None) => return Vec::new(),
        Err(failure) => return vec![Finding::wrong("client", failure.message())],
    };
    match opened.client.describe().await {
        Ok(told) => {
            let version = told.online.then_some(told.version.as_str());
            finding::client(&told.kind.to_string(), &kept.url, version, &told.warnings)
        }
        Err(error) => vec![Finding::wrong("client", error.to_string())],
    }
}
