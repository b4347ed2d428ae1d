//! One record of a pack: `u16 header length ‖ header ‖ text`.

use upseed_model::{
    SignedItem,
    bencode::Reader,
    item::TextMatch,
    limits::{MAX_HEADER, MAX_TEXT},
    record::RecordError,
    text::TextError,
};

use crate::layout::LENGTH;

/// What is wrong with a record of a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// Its header is longer than any.
    #[error("a header of {0} bytes; at most {MAX_HEADER} are allowed")]
    Header(usize),
    /// Its header does not begin as one does.
    #[error("it does not begin with a text's length of 1 to {MAX_TEXT}")]
    Length,
    /// Its header is no item's.
    #[error("{0}")]
    Item(#[from] RecordError),
    /// Its text is another one's.
    #[error("its text does not fit its header")]
    Text,
    /// Its text fits, and is none.
    #[error("nobody can host its text: {0}")]
    Dead(TextError),
}

/// What the first bytes of a record say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The page is over.
    End,
    /// More of it must be seen.
    Cut,
    /// Bytes of its header and of its text.
    Sizes { header: usize, text: usize },
}

impl Shape {
    /// Reads no further than the length of the text.
    pub fn of(bytes: &[u8]) -> Result<Self, RecordFault> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
            return Ok(Self::Cut);
        };
        let header = usize::from(u16::from_be_bytes(*length));
        if header == 0 {
            return Ok(Self::End);
        }
        if header > MAX_HEADER {
            return Err(RecordFault::Header(header));
        }
        let Some(rest) = rest.get(..header) else { return Ok(Self::Cut) };
        let text = text_length(rest).ok_or(RecordFault::Length)?;
        Ok(Self::Sizes { header, text })
    }
}

fn text_length(header: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(header);
    reader.dict().ok()?.required(&mut reader, "length").ok()?;
    let length = usize::try_from(reader.int().ok()?).ok()?;
    (1..=MAX_TEXT).contains(&length).then_some(length)
}

/// The text of an item, checked.
pub(crate) fn check_text<'a>(item: &SignedItem, text: &'a [u8]) -> Result<&'a str, RecordFault> {
    match item.check_text(text) {
        TextMatch::Good(text) => Ok(text),
        TextMatch::Wrong => Err(RecordFault::Text),
        TextMatch::Dead(error) => Err(RecordFault::Dead(error)),
    }
}
