//! A count in two bytes, then a set. One that is accepted has that encoding alone, and as many entries as it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{Infohash, WorkId};
use upseed_pack::IdSet;

fuzz_target!(|input: &[u8]| {
    let Some((count, bytes)) = input.split_at_checked(2) else { return };
    let count = usize::from(u16::from_be_bytes([count[0], count[1]]));
    let key = Infohash::from_bytes([0; 20]);
    let Ok(set) = IdSet::from_bytes(key, count, bytes) else { return };
    assert_eq!((set.bytes(), set.count()), (bytes, count));
    assert!(bytes.len() * 8 < count * 12 + 8);
    let ids = [1, 2, 3].map(|n| WorkId::from_bytes([n; 32]));
    assert_eq!(set.may_hold_of(&ids), ids.map(|id| set.may_hold(&id)));
});
