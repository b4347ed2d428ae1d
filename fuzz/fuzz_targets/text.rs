//! Rules for texts and titles, and the file names made of titles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{
    limits::{MAX_TEXT, MAX_TITLE},
    slug,
    text::{Title, check_body, check_line},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = check_body(bytes) {
        assert!(!text.contains('\0') && (1..=MAX_TEXT).contains(&text.len()));
    }
    let title = Title::from_bytes(bytes);
    assert_eq!(title.is_ok(), !bytes.is_empty() && check_line("title", bytes, MAX_TITLE).is_ok());
    if let Ok(title) = title {
        assert!(!title.as_str().contains(['\n', '\r', '\u{202e}', '\u{2066}', '\u{feff}']));
        assert_eq!(title.as_str().trim_matches(' '), title.as_str());
    }
    let any = String::from_utf8_lossy(bytes);
    assert!(slug::is_valid(slug::for_title(&any).as_bytes()));
    assert!(slug::is_valid(slug::for_comment(&any).as_bytes()));
});
