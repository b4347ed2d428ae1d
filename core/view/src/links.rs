//! Every address of the view, made in one place.

use std::fmt::Write as _;

use serde::Deserialize;
use upseed_model::{
    BoardName, Infohash, PublicKey, WorkId,
    rank::{Sort, Window},
};
use url::form_urlencoded::byte_serialize;

use crate::{Action, assets};

/// Makes the view's addresses: where it lies, and what each of its own addresses must carry.
///
/// Inside a client's page the view runs in an iframe without `allow-same-origin`. It has no
/// cookies there, so a short-lived token travels in the query of every address; nothing but this
/// type writes addresses, so none can be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    prefix: String,
    carried: String,
}

/// Which list: of all joined boards or of one, in which order, from where on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// One board, or all that were joined.
    pub board: Option<BoardName>,
    /// The order.
    pub sort: Sort,
    /// How far back; only [`Sort::Top`] looks at it.
    pub window: Window,
    /// Where the page before ended, in the node's own words.
    pub after: Option<String>,
    /// Also what is left out otherwise: muted authors, labelled items.
    pub hidden: bool,
    /// Only what those wrote whom the reader follows, the newest first.
    pub followed: bool,
}

impl Default for ListQuery {
    fn default() -> Self {
        let (sort, window) = (Sort::Top, Window::Day);
        Self { board: None, sort, window, after: None, hidden: false, followed: false }
    }
}

impl ListQuery {
    /// The query as in an address, without a question mark and without the board.
    fn write(&self, query: &mut Query) {
        if self.followed {
            query.add("followed", "1");
        } else {
            query.add("sort", self.sort.as_str());
            if self.sort == Sort::Top {
                query.add("window", self.window.as_str());
            }
        }
        if self.hidden {
            query.add("hidden", "1");
        }
        if let Some(after) = &self.after {
            query.add("after", after);
        }
    }
}

/// In which order the answers of a thread come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThreadSort {
    /// By score.
    #[default]
    Best,
    /// The newest first.
    New,
    /// The oldest first.
    Old,
}

impl ThreadSort {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Best, Self::New, Self::Old];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

/// What a person wrote: posts or comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrote {
    /// Posts.
    Posts,
    /// Comments.
    Comments,
}

impl Wrote {
    /// The word in addresses (`show=`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Comments => "comments",
        }
    }
}

/// What a feed lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedOf {
    /// A list as on the front page.
    List(ListQuery),
    /// One person's posts and comments.
    Person(PublicKey),
    /// Replies to me.
    Inbox,
}

impl Links {
    /// For a view below `prefix`, e.g. `/upseed/` (slashes at both ends are added).
    pub fn new(prefix: &str) -> Self {
        let inner = prefix.trim_matches('/');
        let prefix = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        Self { prefix, carried: String::new() }
    }

    /// Every address of the view gets `name=value` from here on: `token` inside a client's page,
    /// `theme` when the client's page is dark.
    #[must_use]
    pub fn carrying(mut self, name: &str, value: &str) -> Self {
        if !self.carried.is_empty() {
            self.carried.push('&');
        }
        self.carried.extend(byte_serialize(name.as_bytes()));
        self.carried.push('=');
        self.carried.extend(byte_serialize(value.as_bytes()));
        self
    }

    /// Where the view lies.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What every address carries, as it stands in a query, or "".
    pub fn carried(&self) -> &str {
        &self.carried
    }

    fn at(&self, path: std::fmt::Arguments<'_>) -> Query {
        let mut address = self.prefix.clone();
        // Writing to a String cannot fail.
        let _ = address.write_fmt(path);
        Query { address, any: false }
    }

    fn plain(&self, path: std::fmt::Arguments<'_>) -> String {
        self.at(path).done(self)
    }

    /// The front page as the node likes to begin.
    pub fn home(&self) -> String {
        self.plain(format_args!(""))
    }

    /// A list: `?sort=top&window=day`, below `b/<board>` for one board.
    pub fn list(&self, list: &ListQuery) -> String {
        let mut query = match &list.board {
            Some(board) => self.at(format_args!("b/{board}")),
            None => self.at(format_args!("")),
        };
        list.write(&mut query);
        query.done(self)
    }

    /// One board, as the node likes to begin.
    pub fn board(&self, board: &BoardName) -> String {
        self.plain(format_args!("b/{board}"))
    }

    /// A post with its comments, or a comment with the replies to it: every item's permalink.
    pub fn item(&self, id: &Infohash) -> String {
        self.plain(format_args!("t/{id}"))
    }

    /// A thread in an order, from some answer on.
    pub fn thread(&self, id: &Infohash, sort: ThreadSort, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("t/{id}"));
        if sort != ThreadSort::Best {
            query.add("sort", sort.as_str());
        }
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// Why an item has its score.
    pub fn why(&self, id: &Infohash) -> String {
        self.plain(format_args!("why/{id}"))
    }

    /// The page to answer an item on.
    pub fn reply(&self, id: &Infohash) -> String {
        self.plain(format_args!("reply/{id}"))
    }

    /// What to send to others so that they find an item.
    pub fn share(&self, id: &Infohash) -> String {
        self.plain(format_args!("share/{id}"))
    }

    /// The page to write an own item again on.
    pub fn edit(&self, id: &Infohash) -> String {
        self.plain(format_args!("edit/{id}"))
    }

    /// The page that asks before an own item is retracted.
    pub fn retract(&self, id: &Infohash) -> String {
        self.plain(format_args!("retract/{id}"))
    }

    /// What the reader saved.
    pub fn saved(&self, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("saved"));
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// Whom the reader follows.
    pub fn following(&self) -> String {
        self.plain(format_args!("following"))
    }

    /// The page to write a post on.
    pub fn write(&self, board: Option<&BoardName>) -> String {
        let mut query = self.at(format_args!("write"));
        if let Some(board) = board {
            query.add("board", board.as_str());
        }
        query.done(self)
    }

    /// A person; the key in z-base-32.
    pub fn person(&self, key: &PublicKey) -> String {
        self.plain(format_args!("p/{}", letters(key)))
    }

    /// Reads the part of an address that [`Links::person`] wrote; hex is understood as well.
    pub fn parse_person(part: &str) -> Option<PublicKey> {
        part.parse().or_else(|_| format!("upseed:{part}").parse()).ok()
    }

    /// One part of what a person wrote.
    pub fn person_wrote(&self, key: &PublicKey, wrote: Wrote, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("p/{}", letters(key)));
        query.add("show", wrote.as_str());
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// A starter list.
    pub fn starter(&self, list: &WorkId) -> String {
        self.plain(format_args!("starter/{list}"))
    }

    /// The boards.
    pub fn boards(&self) -> String {
        self.plain(format_args!("boards"))
    }

    /// Replies to me.
    pub fn inbox(&self, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("inbox"));
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// The search page, or a page of what was found for `words`.
    pub fn search(&self, words: &str, board: Option<&BoardName>, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("search"));
        if !words.is_empty() {
            query.add("q", words);
        }
        if let Some(board) = board {
            query.add("board", board.as_str());
        }
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// Somebody's labels: what a subscription does, or would do.
    pub fn labels(&self, key: &PublicKey, after: Option<&str>) -> String {
        let mut query = self.at(format_args!("labels/{}", letters(key)));
        if let Some(after) = after {
            query.add("after", after);
        }
        query.done(self)
    }

    /// What the reader does not want to see.
    pub fn moderation(&self) -> String {
        self.plain(format_args!("moderation"))
    }

    /// My own page.
    pub fn me(&self) -> String {
        self.plain(format_args!("me"))
    }

    /// The page of a first start, which explains.
    pub fn welcome(&self) -> String {
        self.plain(format_args!("welcome"))
    }

    /// Where a form goes.
    pub fn action(&self, action: Action) -> String {
        self.plain(format_args!("{}", action.path()))
    }

    /// The server-sent events.
    pub fn events(&self) -> String {
        self.plain(format_args!("api/v1/events"))
    }

    /// A file of [`assets::ALL`]: not secret, so without a token, and with its hash, so that it
    /// may be kept for ever.
    pub fn asset(&self, name: &str) -> String {
        let tag = assets::find(name).map_or("", |asset| asset.tag());
        format!("{}assets/{name}?v={tag}", self.prefix)
    }

    /// An item's .torrent, for somebody with a session.
    pub fn torrent(&self, id: &Infohash) -> String {
        self.plain(format_args!("torrent/{id}.torrent"))
    }

    /// An item's .torrent, for a program that has a feed's read-only token and nothing else.
    pub fn feed_torrent(&self, id: &Infohash, feed_token: &str) -> String {
        let mut query = self.at(format_args!("torrent/{id}.torrent"));
        query.add("feed", feed_token);
        query.address
    }

    /// The .torrent of something that a client's search found, likewise: fetching it says that it was asked for.
    pub fn found_torrent(&self, id: &Infohash, feed_token: &str) -> String {
        let mut query = self.at(format_args!("find/{id}.torrent"));
        query.add("feed", feed_token);
        query.address
    }

    /// A feed. It carries the read-only token and never the session's.
    pub fn feed(&self, of: &FeedOf, feed_token: &str) -> String {
        let mut query = self.at(format_args!("rss"));
        match of {
            FeedOf::List(list) => {
                if let Some(board) = &list.board {
                    query.add("board", board.as_str());
                }
                list.write(&mut query);
            }
            FeedOf::Person(key) => query.add("person", &letters(key)),
            FeedOf::Inbox => query.add("inbox", "1"),
        }
        query.add("feed", feed_token);
        query.address
    }

    /// The address that a form's `back` field (see [`crate::Site::here`]) leads to. Anything that
    /// is no plain path below the prefix leads to the front page, so that a forged `back` sends
    /// nobody elsewhere.
    pub fn back(&self, here: &str) -> String {
        let (path, fragment) = here.split_once('#').unwrap_or((here, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/?=&%:+".contains(c);
        let bad = !here.chars().all(|c| plain(c) || c == '#')
            || path.starts_with('/')
            || path.split(['/', '?']).any(|part| part.starts_with('.'))
            // A first part with a colon would be a scheme; behind the prefix it cannot be one.
            || here.len() > 2_000;
        if bad {
            return self.home();
        }
        let mut query = self.at(format_args!("{path}"));
        query.any = path.contains('?');
        let mut address = query.done(self);
        if !fragment.is_empty() && fragment.chars().all(|c| c.is_ascii_alphanumeric()) {
            address.push('#');
            address.push_str(fragment);
        }
        address
    }
}

/// The key in the form for people, without the "upseed:" that every one begins with.
fn letters(key: &PublicKey) -> String {
    key.to_string().split(':').next_back().unwrap_or_default().to_owned()
}

/// An address that is being written.
struct Query {
    address: String,
    any: bool,
}

impl Query {
    fn add(&mut self, name: &str, value: &str) {
        self.address.push(if self.any { '&' } else { '?' });
        self.any = true;
        self.address.push_str(name);
        self.address.push('=');
        self.address.extend(byte_serialize(value.as_bytes()));
    }

    fn done(mut self, links: &Links) -> String {
        if !links.carried.is_empty() {
            self.address.push(if self.any { '&' } else { '?' });
            self.address.push_str(&links.carried);
        }
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> Infohash {
        Infohash::from_bytes([0xab; 20])
    }

    #[test]
    fn every_address_carries_the_token_but_feeds_and_assets() {
        let links = Links::new("json/upseed").carrying("token", "a&b").carrying("theme", "dark");
        let carried = "token=a%26b&theme=dark";
        assert_eq!(links.home(), format!("/json/upseed/?{carried}"));
        let list =
            ListQuery { board: "x".parse().ok(), after: Some("é".into()), ..<_>::default() };
        assert_eq!(
            links.list(&list),
            format!("/json/upseed/b/x?sort=top&window=day&after=%C3%A9&{carried}")
        );
        for address in [
            links.item(&id()),
            links.why(&id()),
            links.reply(&id()),
            links.write(None),
            links.boards(),
            links.starter(&WorkId::from_bytes([1; 32])),
            links.inbox(None),
            links.search("a b", None, None),
            links.me(),
            links.welcome(),
            links.events(),
            links.torrent(&id()),
            links.action(Action::Vote),
            links.back("t/ab?after=1#iab"),
            links.back("//evil.example"),
        ] {
            assert!(address.starts_with("/json/upseed/"), "{address}");
            assert!(address.contains(carried), "{address}");
        }
        for address in [
            links.feed(&FeedOf::Inbox, "ft"),
            links.feed_torrent(&id(), "ft"),
            links.asset("upseed.css"),
        ] {
            assert!(!address.contains("token="), "{address}");
        }
        assert_eq!(links.feed(&FeedOf::Inbox, "f&t"), "/json/upseed/rss?inbox=1&feed=f%26t");
    }

    #[test]
    fn back_stays_below_the_prefix() {
        let links = Links::new("/upseed/");
        assert_eq!(links.back("t/ab?after=1#iab"), "/upseed/t/ab?after=1#iab");
        assert_eq!(links.back("p/upseed:abc"), "/upseed/p/upseed:abc");
        for evil in [
            "//evil.example",
            "/api/v2/app/shutdown",
            "../api",
            "t/../../api",
            "t/./x",
            "\\\\evil",
            "t/x\r\nSet-Cookie: a",
            "t/<script>",
            "é",
        ] {
            assert_eq!(links.back(evil), "/upseed/", "{evil}");
        }
        assert_eq!(links.back("http://evil.example"), "/upseed/http://evil.example");
    }
}
