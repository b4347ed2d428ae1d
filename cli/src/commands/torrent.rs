//! `upseed export` and `upseed import`.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;
use upseed_model::{
    limits::MAX_TORRENT,
    torrent::{self, TorrentError},
};
use upseed_node::Reference;
use upseed_pack::PackInfo;

use super::{bundle, inspect::read_torrent, output};
use crate::{
    failure::{Done, Failure},
    print, progress,
    remote::Remote,
};

pub(super) async fn export(node: &Remote, id: &str, output: Option<PathBuf>, json: bool) -> Done {
    let bytes = node.export(&name_of(id)?).await?;
    if output.as_deref() == Some(Path::new("-")) {
        let mut stdout = io::stdout();
        let written = stdout.write_all(&bytes).and_then(|()| stdout.flush());
        return written.map_err(|error| Failure::user(format!("standard output: {error}")));
    }
    let (id, name) = match torrent::read(&bytes) {
        Ok(item) => (item.infohash(), item.file_name().to_owned()),
        Err(no_item) => {
            let info = torrent::info_bytes(&bytes).map_err(|e| Failure::fault(e.to_string()))?;
            let pack = PackInfo::from_bytes(info);
            let pack = pack.map_err(|_| Failure::fault(no_item.to_string()))?;
            (pack.infohash(), pack.file_name().to_owned())
        }
    };
    let path = output.unwrap_or_else(|| PathBuf::from(name).with_extension("torrent"));
    output::write(&path, &bytes)?;
    if json {
        print::json(&json!({ "id": id, "file": path.to_string_lossy() }));
    } else {
        print::out(&path.display().to_string());
    }
    Ok(())
}

/// As it can stand in an address: a magnet link has signs that cannot, and nothing has no place there.
fn name_of(id: &str) -> Result<String, Failure> {
    let is_word = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match id.parse::<Reference>() {
        Ok(whole) => Ok(whole.infohash.to_string()),
        // The beginning of an id, perhaps.
        Err(_) if is_word => Ok(id.to_owned()),
        Err(error) => Err(Failure::user(error.to_string())),
    }
}

/// Imports files, each of which is a .torrent or a bundle. One that cannot be imported does not keep the others out.
pub(super) async fn import(node: &Remote, paths: &[PathBuf], json: bool) -> Done {
    let files = bundle::files(paths)?;
    let [file] = &files[..] else {
        let mut failed = false;
        for file in &files {
            if let Err(failure) = import_one(node, file, json).await {
                failure.print(json);
                failed = true;
            }
        }
        return if failed { Err(Failure::told(false)) } else { Ok(()) };
    };
    import_one(node, file, json).await
}

async fn import_one(node: &Remote, file: &Path, json: bool) -> Done {
    if let Some(chunks) = bundle::open(file)? {
        return bundle::import(node, file, chunks, json).await;
    }
    if file == Path::new("-") {
        return Err(Failure::user("standard input: not a bundle of Upseed"));
    }
    let too_large = |size| TorrentError::TooLarge(size).to_string();
    let bytes = read_torrent(file, MAX_TORRENT, too_large)?;
    // Verified here too, so that the message can name the file.
    let read = torrent::read(&bytes)
        .map_err(|error| Failure::user(format!("{}: {error}", file.display())))?;
    let item = progress::waiting("importing", node.import(bytes)).await?;
    print::note_twin(&read.infohash().to_string(), item.id);
    if json {
        print::json(&item);
    } else {
        print::out(&item.id.to_string());
    }
    Ok(())
}
