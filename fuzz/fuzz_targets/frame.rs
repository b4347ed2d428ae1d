//! A frame that is read is written byte for byte as it was, but for unknown ones, and for what a punch is filled up with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::sync::Frame;

fuzz_target!(|bytes: &[u8]| {
    match Frame::from_bytes(bytes) {
        Ok(Frame::Unknown(_)) | Err(_) => {}
        Ok(Frame::Punch(addr)) => {
            let again = Frame::from_bytes(&Frame::Punch(addr).to_bytes());
            assert!(matches!(again, Ok(Frame::Punch(same)) if same == addr));
        }
        Ok(frame) => assert_eq!(frame.to_bytes(), bytes),
    }
});
