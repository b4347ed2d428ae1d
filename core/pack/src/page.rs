//! One text out of one page.

use sha1::{Digest as _, Sha1};
use upseed_model::{Infohash, SignedItem};

use crate::{
    layout::LENGTH,
    record::{RecordFault, Shape, check_text},
};

/// An item and its text, both checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its header.
    pub item: SignedItem,
    /// Its text.
    pub text: String,
}

/// What a page holds of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Here it is.
    Found(Box<Found>),
    /// It begins here and goes on: with so many bytes from the beginning of this page, [`find`] finds it.
    Longer(usize),
    /// It does not begin on this page.
    Absent,
}

/// Looks for an item in the bytes of a page, or of several that follow each other, which
/// [`PackInfo::is_page`](crate::PackInfo::is_page) found to be the pack's. Nothing but this item is checked.
///
/// # Errors
/// Says what is wrong with the item's record. A page that makes no sense does not have the item.
pub fn find(bytes: &[u8], infohash: &Infohash) -> Result<Search, RecordFault> {
    let mut at = 0;
    loop {
        let Ok(Shape::Sizes { header, text }) = Shape::of(&bytes[at..]) else {
            return Ok(Search::Absent);
        };
        let start = at + LENGTH;
        let (text_at, end) = (start + header, start + header + text);
        let header = &bytes[start..text_at];
        if Sha1::digest(header)[..] == infohash.as_bytes()[..] {
            let Some(text) = bytes.get(text_at..end) else { return Ok(Search::Longer(end)) };
            let item = SignedItem::from_bytes(header)?;
            let text = check_text(&item, text)?.to_owned();
            return Ok(Search::Found(Box::new(Found { item, text })));
        }
        if end > bytes.len() {
            return Ok(Search::Absent);
        }
        at = end;
    }
}
