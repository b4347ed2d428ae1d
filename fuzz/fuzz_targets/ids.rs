//! Names and ids as people and the API write them: what is read is written in one way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{
    BoardName, Infohash, PublicKey, SecretKey, WorkId,
    magnet::parse_infohash,
    rank::{Sort, Window},
};

fuzz_target!(|text: &str| {
    if let Ok(board) = text.parse::<BoardName>() {
        assert_eq!(board.to_string(), text);
    }
    if let Ok(key) = text.parse::<PublicKey>() {
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_hex().parse(), Ok(key));
        assert!(key.to_string() == text || key.to_hex().eq_ignore_ascii_case(text));
    }
    if let Ok(infohash) = text.parse::<Infohash>() {
        assert!(infohash.to_string().eq_ignore_ascii_case(text));
    }
    if let Ok(infohash) = parse_infohash(text) {
        assert_eq!(parse_infohash(&infohash.to_string()), Ok(infohash));
    }
    if let Ok(work) = text.parse::<WorkId>() {
        assert!(work.to_string().eq_ignore_ascii_case(text));
    }
    if let Ok(key) = SecretKey::from_phrase(text) {
        assert_eq!(SecretKey::from_phrase(&key.phrase()).unwrap().public(), key.public());
    }
    let _ = (text.parse::<Window>(), text.parse::<Sort>());
});
