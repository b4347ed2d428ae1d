//! A .torrent that is accepted gives an item whose own .torrent is accepted; of an ordinary one the
//! files add up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::torrent::{self, Inspected};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(info) = torrent::info_bytes(bytes) {
        assert!(info.len() < bytes.len());
    }
    if let Ok(item) = torrent::read(bytes) {
        let excerpt = String::from_utf8_lossy(bytes);
        let written = torrent::write(&item, Some(&excerpt), &[excerpt.to_string()]);
        assert_eq!(torrent::info_bytes(&written).unwrap_or(item.header()), item.header());
        let written = torrent::write(&item, None, &[]);
        assert_eq!(torrent::read(&written).unwrap(), item);
    }
    if let Ok(Inspected::Ordinary(metainfo)) = torrent::inspect(bytes) {
        assert_eq!(metainfo.files.iter().map(|file| file.length).sum::<u64>(), metainfo.size);
    }
});
