//! `upseed inspect`: verify an item offline, and say what any .torrent says of itself.

use std::{ffi::OsStr, io::Read as _, path::Path};

use upseed_api::{ItemHeader, MagnetLink};
use upseed_model::{
    Kind, SignedItem,
    limits::MAX_AHEAD,
    magnet::{Magnet, is_magnet},
    metainfo::{MAX_METAINFO, MetainfoError},
    torrent::{self, Inspected},
};
use upseed_node::now;

use super::ordinary;
use crate::{
    failure::{Done, Failure},
    print,
};

pub(super) fn inspect(what: &OsStr, json: bool) -> Done {
    if is_magnet(&what.to_string_lossy()) {
        return magnet(&what.to_string_lossy(), json);
    }
    let path = Path::new(what);
    let what = path.display();
    let too_large = |size| MetainfoError::TooLarge(size).to_string();
    let bytes = read_torrent(path, MAX_METAINFO, too_large)?;
    let item = match torrent::inspect(&bytes) {
        Ok(Inspected::Item(item)) => item,
        Ok(Inspected::Ordinary(metainfo)) => {
            ordinary::say(&metainfo, json);
            return Ok(());
        }
        Err(error) => return Err(Failure::user(format!("{what}: {error}"))),
    };
    if item.time() > now() + MAX_AHEAD {
        return Err(Failure::user(format!(
            "{what}: its time ({}) lies in the future; nodes keep it back until then",
            item.time()
        ))
        .hint("Check this machine's clock."));
    }
    if json {
        print::json(&ItemHeader::from(&*item));
    } else {
        say(&item);
    }
    Ok(())
}

/// Reads a .torrent, and never more than `max` bytes of it. `too_large` says so, given its size.
pub(super) fn read_torrent(
    path: &Path,
    max: usize,
    too_large: impl Fn(u64) -> String,
) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let too_large = |size| Failure::user(format!("{}: {}", path.display(), too_large(size)));
    // A FIFO or a device would keep us waiting, or never end.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(Failure::user(format!("{}: not a file", path.display())));
    }
    if metadata.len() > max as u64 {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > max {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

fn magnet(link: &str, json: bool) -> Done {
    let magnet: Magnet = link.parse().map_err(|error| Failure::user(format!("{error}")))?;
    if json {
        print::json(&MagnetLink::from(magnet));
        return Ok(());
    }
    print::out(&format!("infohash  {}", magnet.infohash));
    if let Some(name) = &magnet.name {
        print::out(&format!("name      {} (not verified)", print::safe(name)));
    }
    for tracker in &magnet.trackers {
        print::out(&format!("tracker   {} (not used)", print::safe(tracker)));
    }
    for peer in &magnet.peers {
        print::out(&format!("peer      {peer}"));
    }
    print::out("A magnet link proves nothing by itself; `upseed read` fetches and verifies it.");
    Ok(())
}

fn say(item: &SignedItem) {
    print::out(&format!("infohash  {}", item.infohash()));
    print::out(&format!("work id   {}", item.work()));
    print::out(&format!("board     {}", item.board()));
    match item.kind() {
        Kind::Post { title } => print::out(&format!("post      {}", print::safe(title.as_str()))),
        Kind::Comment { parent, root } => {
            print::out(&format!("comment   on {}", parent.infohash));
            print::out(&format!("thread    {}", root.infohash));
        }
    }
    print::out(&format!("author    {}", item.author()));
    print::out(&format!("          {}", item.author().to_hex()));
    print::out(&format!("time      {} ({})", item.time(), print::age(item.time(), now())));
    print::out(&format!("text      {} bytes, file {}", item.length(), item.file_name()));
    print::out(&format!("work      {} bits", item.proof().bits));
    print::out("verified  form, name, proof of work and signature are right");
}
