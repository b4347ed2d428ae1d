//! What a dropped file is. Every byte of it may be a stranger's.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use upseed_model::{
    RecordError, SignedItem, bencode,
    limits::{MAX_MAGNET, MAX_TORRENT},
    magnet::Magnet,
    torrent::{self, TorrentError},
};

use super::{
    file::{Unreadable, read_careful},
    scan::{Candidate, Ending},
};

/// Bytes of the largest torrent file that is passed on; a torrent of a million pieces has 20 MB.
const MAX_ORDINARY: u64 = 32 << 20;

/// A file that is not good is judged when it stayed as it is for this long.
const SETTLED: Duration = Duration::from_secs(2);

/// One that is cut off may still be copied, over a network that stalls.
const STALLED: Duration = Duration::from_secs(60);

/// What is done with a file.
#[derive(Debug)]
pub(crate) enum Judged {
    /// An item.
    Good(Box<SignedItem>),
    /// A link, perhaps to an item.
    Magnet(Magnet),
    /// A torrent that is not Upseed's.
    Ordinary,
    /// Nothing that anybody could use, and why.
    Bad(String),
    /// Not ours to touch, or gone.
    Leave,
    /// Not complete, perhaps: looked at again later.
    Wait(Duration),
}

/// Judges one file. `now` is compared with when it was first seen as it is.
pub(crate) fn judge(folder: &Path, candidate: &Candidate, now: Instant) -> Judged {
    let age = now.saturating_duration_since(candidate.since);
    let settled = |judged: Judged, after: Duration| {
        if age >= after { judged } else { Judged::Wait(SETTLED.min(after - age)) }
    };
    let path = folder.join(&candidate.name);
    let bytes = match read_careful(&path, MAX_ORDINARY) {
        Ok(bytes) => bytes,
        Err(Unreadable::Gone | Unreadable::Folder) => return Judged::Leave,
        Err(Unreadable::Because(why)) => return settled(Judged::Bad(why), SETTLED),
    };
    let judged = match candidate.ending {
        Ending::Torrent => judge_torrent(&bytes),
        Ending::Magnet => judge_magnet(&bytes),
    };
    match judged {
        // Its signature is over every byte: it is complete.
        Judged::Good(_) => judged,
        Judged::Wait(after) => settled(cut_off(&bytes), after),
        other => settled(other, SETTLED),
    }
}

fn cut_off(bytes: &[u8]) -> Judged {
    Judged::Bad(if bytes.is_empty() {
        "it is empty".into()
    } else {
        format!("it is cut off after {} bytes: copy it again", bytes.len())
    })
}

fn judge_torrent(bytes: &[u8]) -> Judged {
    match torrent::read(bytes) {
        Ok(item) => Judged::Good(Box::new(item)),
        Err(TorrentError::Record(RecordError::Ordinary)) => Judged::Ordinary,
        Err(TorrentError::Bencode(bencode::Error::CutOff { .. })) => Judged::Wait(STALLED),
        Err(error @ (TorrentError::TooLarge(_) | TorrentError::Bencode(_))) => {
            if is_ordinary(bytes) {
                Judged::Ordinary
            } else if bytes.len() > MAX_TORRENT && bytes.first() == Some(&b'd') {
                // Perhaps an ordinary one that is still being copied.
                Judged::Wait(STALLED)
            } else {
                Judged::Bad(error.to_string())
            }
        }
        Err(error) => Judged::Bad(error.to_string()),
    }
}

/// Other programs write torrents that are not canonical, and large ones: whether it looks like one is
/// enough, for the client that gets it reads it itself.
fn is_ordinary(bytes: &[u8]) -> bool {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    bytes.first() == Some(&b'd')
        && bytes.last() == Some(&b'e')
        && has(b"4:infod")
        && !has(b"6:upseedd")
}

fn judge_magnet(bytes: &[u8]) -> Judged {
    if bytes.len() > MAX_MAGNET + 2 {
        return Judged::Bad(format!("{} bytes are too many for a magnet link", bytes.len()));
    }
    if bytes.is_empty() {
        return Judged::Wait(STALLED);
    }
    let text = std::str::from_utf8(bytes).map(str::trim);
    match text.map(str::parse::<Magnet>) {
        Ok(Ok(magnet)) => Judged::Magnet(magnet),
        Ok(Err(error)) => Judged::Bad(error.to_string()),
        Err(_) => Judged::Bad("not a magnet link: it is no text".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_item() {
        let ordinary =
            b"d8:announce3:abc4:infod6:lengthi3e4:name1:a12:piece lengthi16384e6:pieces0:ee";
        assert!(matches!(judge_torrent(ordinary), Judged::Ordinary));
        let unsorted = b"d4:infod4:name1:a6:lengthi3ee8:announce3:abce";
        assert!(
            matches!(judge_torrent(unsorted), Judged::Ordinary),
            "{:?}",
            judge_torrent(unsorted)
        );
        assert!(matches!(judge_torrent(&ordinary[..40]), Judged::Wait(_)));
        assert!(matches!(judge_torrent(b""), Judged::Wait(_)));
        assert!(matches!(judge_torrent(b"<html>"), Judged::Bad(_)));
        assert!(matches!(judge_torrent(&[0; 100_000]), Judged::Bad(_)));
        assert!(matches!(judge_torrent(b"d4:infod6:upseedd1:vi1eeee"), Judged::Bad(_)));
        let mut large = b"d4:infod6:pieces100000:".to_vec();
        large.resize(100_000, 7);
        assert!(matches!(judge_torrent(&large), Judged::Wait(_)));
        large.extend_from_slice(b"ee");
        assert!(matches!(judge_torrent(&large), Judged::Ordinary));
    }

    #[test]
    fn magnets() {
        let link = b"magnet:?xt=urn:btih:00112233445566778899aabbccddeeff00112233\n";
        assert!(matches!(judge_magnet(link), Judged::Magnet(_)));
        assert!(matches!(judge_magnet(b"magnet:?dn=x"), Judged::Bad(_)));
        assert!(matches!(judge_magnet(&[0xff; 9]), Judged::Bad(_)));
        assert!(matches!(judge_magnet(&[b'a'; 9_000]), Judged::Bad(_)));
    }
}
