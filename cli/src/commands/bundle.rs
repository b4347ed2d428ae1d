//! `upseed bundle`, and bundles given to `upseed import`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::json;
use upseed_api::{BundleQuery, Imported};
use upseed_model::BoardName;
use upseed_pack::bundle::{BundleError, Chunks, FIRST_LINE};

use crate::{
    failure::{Done, Failure},
    print, progress,
    remote::Remote,
};

pub(super) async fn write(
    node: &Remote,
    board: BoardName,
    since: Option<u64>,
    output: &Path,
    json: bool,
) -> Done {
    let failed = |error: io::Error| Failure::file(output, &error);
    let since = since.unwrap_or_default();
    if output == Path::new("-") {
        return copy(node, board, since, &mut io::stdout(), output).await.map(drop);
    }
    // It appears whole or not at all.
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let bytes = copy(node, board, since, &mut file, output).await?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(output).map_err(|error| failed(error.error))?;
    if json {
        print::json(&json!({ "board": board, "file": output.to_string_lossy(), "bytes": bytes }));
    } else {
        print::out(&output.display().to_string());
    }
    Ok(())
}

/// Copies a bundle, part by part; gives its bytes.
async fn copy(
    node: &Remote,
    board: BoardName,
    since: u64,
    to: &mut impl io::Write,
    name: &Path,
) -> Result<u64, Failure> {
    let failed = |error: io::Error| Failure::file(name, &error);
    to.write_all(FIRST_LINE).map_err(failed)?;
    let mut bytes = FIRST_LINE.len() as u64;
    let mut query = BundleQuery { since, ..BundleQuery::default() };
    loop {
        let (part, next) = progress::waiting("bundling", node.bundle_part(&board, &query)).await?;
        to.write_all(&part).map_err(failed)?;
        bytes += part.len() as u64;
        match next {
            Some((day, skip)) => query = BundleQuery { since, day: Some(day), skip },
            None => break,
        }
    }
    to.flush().map_err(failed)?;
    Ok(bytes)
}

/// What there is to import: files, the ones in a folder that say to be ours, `-`.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let failed = |error: io::Error| Failure::file(path, &error);
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?.path();
            let ending = entry.extension().and_then(|ending| ending.to_str());
            if matches!(ending, Some("upseed" | "torrent")) && entry.is_file() {
                inside.push(entry);
            }
        }
        if inside.is_empty() {
            let message = format!("{}: no .upseed or .torrent file is in it", path.display());
            return Err(Failure::user(message));
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

/// A bundle's chunks, if it is one.
pub(super) fn open(path: &Path) -> Result<Option<Chunks<Box<dyn io::Read>>>, Failure> {
    let from: Box<dyn io::Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        // A FIFO would keep us waiting: what comes through a pipe has the name "-".
        let metadata = fs::metadata(path).map_err(|error| Failure::file(path, &error))?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let file = fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
        Box::new(io::BufReader::new(file))
    };
    match Chunks::new(from) {
        Ok(chunks) => Ok(Some(chunks)),
        Err(BundleError::FirstLine) => Ok(None),
        Err(error) => Err(Failure::user(format!("{}: {error}", path.display()))),
    }
}

/// Imports a bundle. What stands before a fault in it is taken.
pub(super) async fn import(
    node: &Remote,
    path: &Path,
    chunks: Chunks<Box<dyn io::Read>>,
    json: bool,
) -> Done {
    let name = path.display();
    let mut done = Imported::default();
    let mut fault = None;
    for chunk in chunks {
        let taken = match chunk {
            Ok(chunk) => progress::waiting("importing", node.import_chunk(chunk)).await,
            Err(error) => Err(Failure::user(format!("{name}: {error}"))),
        };
        match taken {
            Ok(taken) => done += taken,
            Err(failure) => {
                fault = Some(failure);
                break;
            }
        }
    }
    if json {
        print::json(&json!({ "file": path.to_string_lossy(), "imported": done }));
    } else {
        let Imported { new, known, refused, early, invalid, texts } = done;
        let mut line = format!("{name}: {new} new records, {known} known, {texts} texts");
        for (count, what) in
            [(refused, "refused"), (early, "from the future"), (invalid, "not valid")]
        {
            if count > 0 {
                line += &format!(", {count} {what}");
            }
        }
        print::out(&line);
    }
    match fault {
        None => Ok(()),
        Some(failure) => Err(failure.hint("What stands before that in the file was imported.")),
    }
}
