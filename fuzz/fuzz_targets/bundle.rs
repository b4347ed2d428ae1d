//! A chunk, packed and as it is. One that is accepted is written the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_pack::bundle::{Chunk, Chunks};

fuzz_target!(|input: &[u8]| {
    for chunk in [Chunk::from_bytes(input), Chunk::read(input)].into_iter().flatten() {
        let written = chunk.write().unwrap();
        assert_eq!(Chunk::from_bytes(&written[4..]), Ok(chunk));
    }
    if let Ok(chunks) = Chunks::new(input) {
        let bytes: usize = chunks.flatten().map(|chunk| chunk.len()).sum();
        assert!(bytes < input.len());
    }
});
