//! Whom a post has reached, and who has caught up.

use std::collections::HashMap;

use upseed_model::Infohash;

use crate::{
    figures::{JUDGED, Phase, Spread},
    network::{Micros, SECOND},
};

/// A post on its way: when its record, and its text, came to each node.
struct Post {
    number: usize,
    author: usize,
    at: Micros,
    records: HashMap<usize, Micros>,
    texts: HashMap<usize, Micros>,
}

#[derive(Clone, Copy)]
pub enum Why {
    New,
    Returned,
    Healed,
}

/// A node that has not all that was written before.
pub struct Behind {
    pub node: usize,
    pub session: u32,
    pub since: Micros,
    /// The number of the first record that it need not have.
    pub below: usize,
    pub why: Why,
}

#[derive(Default)]
pub struct Watch {
    /// The oldest first.
    posts: Vec<Post>,
    by_infohash: HashMap<Infohash, usize>,
    behind: Vec<Behind>,
}

impl Watch {
    pub fn behind(&mut self, behind: Behind) {
        self.behind.push(behind);
    }

    pub fn published(&mut self, infohash: Infohash, number: usize, author: usize, at: Micros) {
        self.by_infohash.insert(infohash, number);
        let records = HashMap::from([(author, at)]);
        let texts = records.clone();
        self.posts.push(Post { number, author, at, records, texts });
    }

    /// A post's record, or its text, came to a node. Gives its number, unless it is older than all this.
    pub fn came(
        &mut self,
        id: &Infohash,
        is_text: bool,
        node: usize,
        now: Micros,
    ) -> Option<usize> {
        let number = self.by_infohash.get(id).copied()?;
        if let Some(post) = self.posts.iter_mut().rev().find(|post| post.number == number) {
            let came = if is_text { &mut post.texts } else { &mut post.records };
            came.entry(node).or_insert(now);
        }
        Some(number)
    }

    /// Sees whom the posts of a while ago have reached. `counts`: whether a node was there for a post of this author, of that
    /// time.
    pub fn judge(
        &mut self,
        nodes: usize,
        counts: impl Fn(usize, usize, Micros) -> bool,
        now: Micros,
        phase: &mut Phase,
    ) {
        while let Some(post) = self.posts.first()
            && post.at + JUDGED * SECOND <= now
        {
            let post = self.posts.remove(0);
            let (mut records, mut texts) = (Spread::default(), Spread::default());
            for node in (0..nodes).filter(|node| counts(*node, post.author, post.at)) {
                let took = |came: &HashMap<usize, Micros>| came.get(&node).map(|at| at - post.at);
                records.add(took(&post.records));
                texts.add(took(&post.texts));
            }
            records.sort();
            texts.sort();
            phase.records.push(records);
            phase.texts.push(texts);
        }
    }

    /// Sees who has caught up; `has_all`: nothing for who is gone.
    pub fn catch_up(
        &mut self,
        has_all: impl Fn(&Behind) -> Option<bool>,
        now: Micros,
        phase: &mut Phase,
    ) {
        self.behind.retain(|behind| {
            let has_all = has_all(behind);
            if has_all == Some(true) {
                let spread = match behind.why {
                    Why::New => &mut phase.newcomers,
                    Why::Returned => &mut phase.returned,
                    Why::Healed => &mut phase.healed,
                };
                spread.add(Some(now - behind.since));
            }
            has_all == Some(false)
        });
    }
}
