//! An info dictionary after its length in two bytes, then a file. What is accepted is read the same by the page as whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_pack::{
    PackInfo, PackVerifier,
    layout::PAGE,
    page::{self, Search},
};

fuzz_target!(|input: &[u8]| {
    let Some((length, rest)) = input.split_at_checked(2) else { return };
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let (info, file) = rest.split_at(length.min(rest.len()));
    // Hashes cannot be guessed; what a page holds is looked at without them.
    for page in file.chunks(PAGE) {
        let _ = page::find(page, &upseed_model::Infohash::from_bytes([0; 20]));
    }
    let info = match PackInfo::from_bytes(info) {
        Ok(info) => info,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(info.file_name().ends_with(".pack") && !info.file_name().contains('/'));
    assert!(info.pages() > info.first_record_page());
    let mut verifier = PackVerifier::new(info.clone());
    let mut items = Vec::new();
    for page in file.chunks(PAGE) {
        match verifier.push(page) {
            Ok(packed) => items.extend(packed),
            Err(_) => return,
        }
    }
    if verifier.finish().is_err() {
        return;
    }
    assert_eq!(items.len(), info.count());
    for packed in items {
        let infohash = packed.item.infohash();
        let found = info.pages_of(&infohash).any(|page| {
            let range = info.page_range(page);
            matches!(page::find(&file[range.start..], &infohash), Ok(Search::Found(_)))
        });
        assert!(found);
    }
});
