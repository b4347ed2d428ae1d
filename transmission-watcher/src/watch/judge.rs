//! What a dropped file is. Every byte of it may be a stranger's.

use std::{io::Cursor, path::Path, time::Duration};

use upseed_clock::Moment;

use upseed_model::{
    RecordError, SignedItem, bencode,
    magnet::Magnet,
    torrent::{self, TorrentError},
};

use super::{
    file::{Unreadable, read_careful},
    magnets::{self, Links},
    ordinary::{self, Look},
    scan::{Candidate, Ending},
};

/// Bytes of the largest file that is read into memory. Larger ones are only walked through.
const MAX_READ: u64 = 4 << 20;

/// A file that is not good is judged when it stayed as it is for this long.
const SETTLED: Duration = Duration::from_secs(2);

/// One that is cut off may still be copied, over a network that stalls.
const STALLED: Duration = Duration::from_secs(60);

/// What is done with a file.
#[derive(Debug)]
pub(crate) enum Judged {
    /// An item.
    Good(Box<SignedItem>),
    /// Links, perhaps to items.
    Magnets(Vec<Magnet>),
    /// A torrent that is not Upseed's.
    Ordinary,
    /// Nothing that anybody could use, and why.
    Bad(String),
    /// Not ours to touch, or gone.
    Leave,
    /// Not complete, perhaps: looked at again later.
    Wait(Duration),
    /// It could not be read this time, and why.
    NotNow(String),
}

/// Judges one file. `now` is compared with when it was first seen as it is.
pub(crate) fn judge(folder: &Path, candidate: &Candidate, now: Moment) -> Judged {
    let age = now.saturating_duration_since(candidate.since);
    let settled = |judged: Judged, after: Duration| {
        if age >= after { judged } else { Judged::Wait(SETTLED.min(after - age)) }
    };
    let path = folder.join(&candidate.name);
    let bytes = match read_careful(&path, MAX_READ) {
        Ok(bytes) => bytes,
        Err(Unreadable::Gone | Unreadable::Folder) => return Judged::Leave,
        Err(Unreadable::NotNow(why)) => return Judged::NotNow(why),
        Err(Unreadable::Because(why)) => return settled(Judged::Bad(why), SETTLED),
        Err(Unreadable::Large(file, len)) => {
            let look = match candidate.ending {
                Ending::Torrent => ordinary::look(file, len),
                Ending::Magnet => Ok(Look::Other),
            };
            return match look {
                Ok(Look::Ordinary) => settled(Judged::Ordinary, SETTLED),
                Ok(Look::Begun) => settled(cut_off(len), STALLED),
                Ok(Look::Other) => {
                    let why = format!("{len} bytes are too many, and it is not a torrent");
                    settled(Judged::Bad(why), SETTLED)
                }
                Err(error) => Judged::NotNow(format!("it cannot be read: {error}")),
            };
        }
    };
    let judged = match candidate.ending {
        Ending::Torrent => judge_torrent(&bytes),
        Ending::Magnet => judge_magnet(&bytes),
    };
    match judged {
        // Its signature is over every byte: it is complete.
        Judged::Good(_) => judged,
        Judged::Wait(after) => settled(cut_off(bytes.len() as u64), after),
        other => settled(other, SETTLED),
    }
}

fn cut_off(len: u64) -> Judged {
    Judged::Bad(if len == 0 {
        "it is empty".into()
    } else {
        format!("it is cut off after {len} bytes: copy it again")
    })
}

fn judge_torrent(bytes: &[u8]) -> Judged {
    // Mail puts an empty line after it.
    match torrent::read(bytes.trim_ascii_end()) {
        Ok(item) => Judged::Good(Box::new(item)),
        Err(TorrentError::Record(RecordError::Ordinary)) => Judged::Ordinary,
        Err(error @ (TorrentError::TooLarge(_) | TorrentError::Bencode(_))) => {
            match ordinary::look(Cursor::new(bytes), bytes.len() as u64) {
                Ok(Look::Ordinary) => Judged::Ordinary,
                Ok(Look::Begun) => Judged::Wait(STALLED),
                _ if is_cut_off(&error) => Judged::Wait(STALLED),
                _ => Judged::Bad(error.to_string()),
            }
        }
        Err(error) => Judged::Bad(error.to_string()),
    }
}

const fn is_cut_off(error: &TorrentError) -> bool {
    matches!(error, TorrentError::Bencode(bencode::Error::CutOff { .. }))
}

fn judge_magnet(bytes: &[u8]) -> Judged {
    match magnets::read(bytes) {
        Links::All(links) => Judged::Magnets(links),
        Links::Begun => Judged::Wait(STALLED),
        Links::Bad(why) => Judged::Bad(why),
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
        assert!(matches!(judge_torrent(&large), Judged::Wait(_)), "its pieces end early");
        large.resize(23 + 100_000, 7);
        large.extend_from_slice(b"ee\n");
        assert!(matches!(judge_torrent(&large), Judged::Ordinary), "{:?}", judge_torrent(&large));
    }
}
