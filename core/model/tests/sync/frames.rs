//! Frames written by hand, as no session would.

use upseed_model::WorkId;

pub fn have(ids: &[WorkId]) -> Vec<u8> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    [format!("d3:ids{}:", bytes.len()).as_bytes(), &bytes, b"1:m4:havee"].concat()
}

/// A `reconcile` frame of any size.
pub fn reconcile(day: u64, data: &[u8]) -> Vec<u8> {
    let mut frame = format!("d4:data{}:", data.len()).into_bytes();
    frame.extend(data);
    frame.extend(format!("3:dayi{day}e1:m9:reconcilee").into_bytes());
    frame
}

/// Asks for everything: one range up to infinity, with a fingerprint that no set has.
pub const ASK_ALL: [u8; 20] = {
    let mut data = [0x99; 20];
    (data[0], data[1], data[2], data[3]) = (0x61, 0, 0, 1);
    data
};

/// An empty list up to infinity: the answer to it is the whole set, as far as it fits.
pub const HAVE_NONE: [u8; 5] = [0x61, 0, 0, 2, 0];
pub const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee";

pub const OPEN: &[u8] = b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene";
pub const DIFFER: &[u8] = b"d4:days0:1:m6:differe";

pub const DONE: &[u8] = b"d1:m4:donee";
pub const JUNK: &[u8] = b"d4:listl1:xe1:m7:recordse";
