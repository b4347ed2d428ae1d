//! Writing a pack's file.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use upseed_model::BoardName;
use upseed_pack::{PackInfo, PackWriter, Plan, PlanError, Planned};
use upseed_store::{NewPack, PackItem, Store};

use crate::{LevelsError, plan::Rules};

/// Bytes that are written at once.
const CHUNK: usize = 1 << 20;

/// What stays free on the disk, in bytes: the database grows, too.
const SPARE: u64 = 64 << 20;

/// Packs' files, in a folder of their own. Names are unique by their content.
#[derive(Debug, Clone)]
pub struct PackFolder(PathBuf);

impl PackFolder {
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where a pack's file is, or would be.
    pub fn path(&self, info: &PackInfo) -> PathBuf {
        self.0.join(info.file_name())
    }

    /// Removes every file that is none of these, also what an interrupted node left half-made.
    pub fn keep_only(&self, names: &[String]) -> Result<(), LevelsError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(&self.0)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed(&self.0))?;
            let name = entry.file_name();
            let is_ours = |name: &str| name.ends_with(".part") || upseed_pack::is_file_name(name);
            if name.to_str().is_some_and(|name| is_ours(name) && !names.iter().any(|it| it == name))
            {
                fs::remove_file(entry.path()).map_err(failed(&entry.path()))?;
            }
        }
        Ok(())
    }

    /// Removes a pack's file, if it is there.
    pub fn remove(&self, info: &PackInfo) -> Result<(), LevelsError> {
        let path = self.path(info);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Makes a pack of as many of these items, which are of one board, as fit, the first ones first. When this returns, its
    /// file is on the disk.
    pub fn make(
        &self,
        store: &Store,
        rules: &Rules,
        board: BoardName,
        items: Vec<PackItem>,
    ) -> Result<(PackInfo, NewPack), LevelsError> {
        let (plan, items) = plan(rules, board, items)?;
        fs::create_dir_all(&self.0).map_err(failed(&self.0))?;
        self.check_room(plan.length() as u64)?;
        let part = self.0.join("new.part");
        let info = write(store, &plan, &part).inspect_err(|_| drop(fs::remove_file(&part)))?;
        let path = self.path(&info);
        fs::rename(&part, &path).map_err(failed(&path))?;
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(failed(&self.0))?;
        let new = NewPack {
            infohash: info.infohash(),
            board,
            length: info.length() as u64,
            info: info.bytes().to_vec(),
            items,
        };
        Ok((info, new))
    }

    fn check_room(&self, length: u64) -> Result<(), LevelsError> {
        // Where the system does not tell, writing will.
        let Ok(disk) = rustix::fs::statvfs(&self.0) else { return Ok(()) };
        let (free, needed) = (disk.f_bavail.saturating_mul(disk.f_frsize), length + SPARE);
        // The client gets a copy.
        match free < needed + length {
            true => {
                Err(LevelsError::DiskFull { path: self.0.clone(), free, needed: needed + length })
            }
            false => Ok(()),
        }
    }
}

/// The first of these that are one pack.
fn plan(
    rules: &Rules,
    board: BoardName,
    mut items: Vec<PackItem>,
) -> Result<(Plan, Vec<PackItem>), LevelsError> {
    let mut bytes = 0;
    let fit = items.iter().take_while(|item| {
        bytes += item.size();
        bytes <= rules.bytes
    });
    let fit = fit.count();
    items.truncate(fit);
    // Of two items with one infohash (SHA-1 collisions can be made) the first is packed.
    let mut seen = std::collections::HashSet::new();
    items.retain(|item| seen.insert(item.infohash));
    loop {
        let planned = items.iter().map(|item| Planned {
            infohash: item.infohash,
            work: item.work,
            header: item.header,
            text: item.text,
        });
        match Plan::new(board, planned.collect()) {
            Ok(plan) => return Ok((plan, items)),
            Err(PlanError::TooLarge(_)) => items.truncate(items.len() * 9 / 10),
            Err(error) => return Err(LevelsError::NotMade(error.to_string())),
        }
    }
}

fn write(store: &Store, plan: &Plan, path: &Path) -> Result<PackInfo, LevelsError> {
    let mut file = File::create(path).map_err(failed(path))?;
    let mut out = Vec::with_capacity(2 * CHUNK);
    let mut writer = PackWriter::new(plan, &mut out);
    for planned in plan.items() {
        let row = store.item_by_work(&planned.work)?;
        let missing = || LevelsError::NotMade(format!("the text of {} is gone", planned.infohash));
        let row = row.ok_or_else(missing)?;
        let text = row.text.ok_or_else(missing)?;
        let put = writer.put(&row.item, text.as_bytes(), &mut out);
        put.map_err(|error| LevelsError::NotMade(error.to_string()))?;
        if out.len() >= CHUNK {
            file.write_all(&out).map_err(failed(path))?;
            out.clear();
        }
    }
    let info = writer.finish().map_err(|error| LevelsError::NotMade(error.to_string()))?;
    file.write_all(&out).map_err(failed(path))?;
    file.sync_all().map_err(failed(path))?;
    Ok(info)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> LevelsError + '_ {
    |error| LevelsError::File { path: path.to_owned(), error }
}
