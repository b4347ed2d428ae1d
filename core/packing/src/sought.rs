//! Which pages are needed for some texts, and what was found on those that came. It decides, and does nothing.

use std::collections::{BTreeMap, BTreeSet};

use upseed_model::Infohash;
use upseed_pack::{
    PackInfo, RecordFault,
    page::{self, Found, Search},
};

/// Why a text was not read out of a pack that could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFailure {
    /// It is on none of the pages where it would stand: who said that the pack has it is wrong.
    #[error("it is not in the pack")]
    Absent,
    /// It is there, and nothing that anybody could read. Whoever made the pack is at fault.
    #[error("its record in the pack is wrong: {0}")]
    Wrong(#[from] RecordFault),
    /// Nobody gave its page.
    #[error("nobody gave the page on which it stands")]
    NotGiven,
}

/// What became of a text: it was found, or why not.
pub type Outcome = Result<Box<Found>, TextFailure>;

/// Texts that are looked for in one pack.
#[derive(Debug)]
pub(crate) struct Sought {
    info: PackInfo,
    texts: Vec<Text>,
    pages: BTreeMap<usize, Vec<u8>>,
    asked: BTreeSet<usize>,
}

#[derive(Debug)]
struct Text {
    infohash: Infohash,
    /// Where it may begin; the first is looked at now.
    candidates: Vec<usize>,
    /// Bytes from there on that are needed.
    needed: usize,
    end: Option<Outcome>,
}

impl Sought {
    pub(crate) fn new(info: PackInfo, texts: &[Infohash]) -> Self {
        let texts = texts.iter().map(|infohash| Text {
            infohash: *infohash,
            candidates: info.pages_of(infohash).collect(),
            needed: 1,
            end: None,
        });
        let texts = texts.collect();
        Self { info, texts, pages: BTreeMap::new(), asked: BTreeSet::new() }
    }

    /// Takes a page whose hash was checked.
    pub(crate) fn put(&mut self, page: usize, bytes: &[u8]) {
        self.pages.insert(page, bytes.to_vec());
    }

    /// The pages that are needed now and were not asked for. When all that were asked for came and there is no other, all
    /// is known.
    pub(crate) fn next(&mut self) -> Vec<u32> {
        let Self { info, texts, pages, asked } = self;
        let needed: BTreeSet<usize> =
            texts.iter_mut().filter_map(|text| text.look(info, pages)).collect();
        // A pack has 512 pages.
        needed.into_iter().filter(|page| asked.insert(*page)).map(|page| page as u32).collect()
    }

    /// What was found.
    pub(crate) fn finish(self) -> (PackInfo, Vec<(Infohash, Outcome)>) {
        let end = |text: Text| (text.infohash, text.end.unwrap_or(Err(TextFailure::NotGiven)));
        (self.info, self.texts.into_iter().map(end).collect())
    }
}

impl Text {
    /// Looks at what is here, and says which page is missing.
    fn look(&mut self, info: &PackInfo, pages: &BTreeMap<usize, Vec<u8>>) -> Option<usize> {
        while self.end.is_none() {
            let Some(first) = self.candidates.first().copied() else {
                self.end = Some(Err(TextFailure::Absent));
                break;
            };
            let start = info.page_range(first).start;
            if first >= info.pages() || start + self.needed > info.length() {
                self.go_on();
                continue;
            }
            let mut bytes = Vec::new();
            let mut page = first;
            while bytes.len() < self.needed {
                match pages.get(&page) {
                    Some(here) => bytes.extend_from_slice(here),
                    None => return Some(page),
                }
                page += 1;
            }
            match page::find(&bytes, &self.infohash) {
                Ok(Search::Found(found)) => self.end = Some(Ok(found)),
                Ok(Search::Longer(needed)) if needed > bytes.len() => self.needed = needed,
                Ok(Search::Longer(_) | Search::Absent) => self.go_on(),
                Err(fault) => self.end = Some(Err(fault.into())),
            }
        }
        None
    }

    /// It does not begin there.
    fn go_on(&mut self) {
        self.candidates.remove(0);
        self.needed = 1;
    }
}
