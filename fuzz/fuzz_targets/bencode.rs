//! Whatever the scanner accepts has one encoding: the reader walks over it to the same end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::bencode::{Reader, put_bytes, put_int, scan};

fuzz_target!(|bytes: &[u8]| {
    if scan(bytes).is_ok() {
        assert_eq!(written_anew(bytes), bytes);
    }
});

/// Reads every value and writes it again.
fn written_anew(bytes: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(bytes);
    let mut out = Vec::new();
    // The keys of each open dictionary; `None` for a list.
    let mut open = Vec::new();
    loop {
        let key = match open.last_mut() {
            None => None,
            Some(None) if reader.at_end() => Some(None),
            Some(None) => None,
            Some(Some(keys)) => {
                let keys: &mut upseed_model::bencode::Keys<'_> = keys;
                Some(keys.next(&mut reader).unwrap())
            }
        };
        if let Some(None) = key {
            out.push(b'e');
            open.pop();
        } else {
            if let Some(Some(key)) = key {
                put_bytes(&mut out, key);
            }
            match reader.peek().unwrap() {
                b'i' => put_int(&mut out, reader.int().unwrap()),
                b'l' => {
                    reader.list().unwrap();
                    out.push(b'l');
                    open.push(None);
                }
                b'd' => {
                    out.push(b'd');
                    open.push(Some(reader.dict().unwrap()));
                }
                _ => put_bytes(&mut out, reader.bytes().unwrap()),
            }
        }
        if open.is_empty() {
            reader.finish().unwrap();
            return out;
        }
    }
}
