//! A header that is accepted is canonical, keeps its bytes, and is accepted in a batch as well.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{Record, SignedItem, bencode, limits::MAX_HEADER};

fuzz_target!(|bytes: &[u8]| {
    let alone = SignedItem::from_bytes(bytes);
    if let Ok(item) = &alone {
        assert_eq!(item.header(), bytes);
        assert!(bytes.len() <= MAX_HEADER);
        bencode::scan(bytes).unwrap();
        assert!(item.file_name().ends_with(".md") && !item.file_name().contains('/'));
        let _ = item.check_text(bytes);
    }
    if let Err(error) = &alone {
        assert!(!error.to_string().is_empty());
    }
    // Work and signature cannot be guessed; what else is checked is looked at without them.
    let _ = SignedItem::from_bytes_unchecked(bytes);
    if !bytes.starts_with(b"d6:author") {
        assert_eq!(SignedItem::from_many(&[bytes, bytes]), [alone.clone(), alone]);
    }
    let _ = Record::from_bytes(bytes);
});
