//! A magnet link that is read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{limits::MAX_MAGNET, magnet::Magnet};

fuzz_target!(|text: &str| {
    for link in [text, &format!("magnet:?{text}")] {
        if let Ok(magnet) = link.parse::<Magnet>() {
            let written = magnet.to_string();
            if written.len() <= MAX_MAGNET {
                assert_eq!(written.parse::<Magnet>().unwrap(), magnet, "{written}");
            }
        }
    }
});
