//! Every word that the view says, in one place, so that it can be translated.
//!
//! A translation is another value of [`Strings`]; `{}` stands for a number or a word that is put
//! in. The pseudo-locale wraps each text in ⟦ ⟧: a test renders every page with it and finds any
//! text that did not come from here.

use std::{borrow::Cow, sync::LazyLock};

/// A text with a number in it.
#[derive(Debug, Clone)]
pub struct Count {
    /// For exactly 1.
    pub one: Cow<'static, str>,
    /// For every other number; `{}` is the number.
    pub other: Cow<'static, str>,
}

impl Count {
    /// The text for `n`.
    pub fn of(&self, n: impl Into<u64>) -> String {
        let n = n.into();
        if n == 1 { self.one.to_string() } else { fill(&self.other, &grouped(n)) }
    }
}

/// Puts a word into a text, for the first `{}`.
pub fn fill(text: &str, word: &str) -> String {
    text.replacen("{}", word, 1)
}

/// 12345678 as "12 345 678", with thin spaces, which every language can read.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

macro_rules! strings {
    (texts { $($text:ident: $english:literal,)* } counts { $($count:ident: $one:literal, $other:literal,)* }) => {
        /// The words of one language.
        #[derive(Debug, Clone)]
        pub struct Strings {
            /// The language's BCP 47 tag, for `lang`.
            pub lang: Cow<'static, str>,
            $(#[doc = $english] pub $text: Cow<'static, str>,)*
            $(#[doc = $other] pub $count: Count,)*
        }

        static ENGLISH: LazyLock<Strings> = LazyLock::new(|| Strings {
            lang: Cow::Borrowed("en"),
            $($text: Cow::Borrowed($english),)*
            $($count: Count { one: Cow::Borrowed($one), other: Cow::Borrowed($other) },)*
        });

        impl Strings {
            /// English, as it is written in this file.
            pub fn english() -> &'static Self {
                &ENGLISH
            }

            /// Every text through `change`: translations by a program, and the pseudo-locale.
            #[must_use]
            pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
                Self {
                    lang: self.lang.clone(),
                    $($text: Cow::Owned(change(&self.$text)),)*
                    $($count: Count {
                        one: Cow::Owned(change(&self.$count.one)),
                        other: Cow::Owned(change(&self.$count.other)),
                    },)*
                }
            }

            /// ⟦ŵîţĥ åççéñţš åñđ ļöñĝéŕ⟧: shows what is not translated, and what has no room.
            pub fn pseudo() -> Self {
                let mut pseudo = Self::english().map(|text| {
                    let letter = |c: char| match c {
                        'a' => 'å', 'c' => 'ç', 'd' => 'đ', 'e' => 'é', 'g' => 'ĝ', 'h' => 'ĥ',
                        'i' => 'î', 'l' => 'ļ', 'n' => 'ñ', 'o' => 'ö', 'r' => 'ŕ', 's' => 'š',
                        't' => 'ţ', 'u' => 'û', 'w' => 'ŵ', 'y' => 'ý', c => c,
                    };
                    format!("⟦{}⟧", text.chars().map(letter).collect::<String>())
                });
                pseudo.lang = Cow::Borrowed("en-x-pseudo");
                pseudo
            }
        }
    };
}

strings! {
texts {
    // The frame around every page
    skip: "Skip to the content",
    site: "Upseed",
    nav: "Pages",
    boards: "Boards",
    inbox: "Inbox",
    me: "Me",
    search: "Search",
    write: "Write",
    lists: "Lists",
    windows: "Period",
    all_boards: "All boards",
    keys_title: "Keys",
    keys_next: "next / previous",
    keys_vote: "upvote",
    keys_open: "open",
    keys_comments: "comments",
    keys_reply: "reply",
    keys_fold: "fold",
    keys_search: "search",
    keys_help: "this list",
    keys_close: "close",
    about: "How it works",
    feed: "RSS",
    new_items: "There is something new. Show it",
    failed: "That did not work. Is the node still running?",
    gone_session: "This page is no longer signed in. Reload it, or run",

    // Lists
    top: "Top",
    hot: "Hot",
    new: "New",
    day: "Today",
    week: "Week",
    month: "Month",
    year: "Year",
    all: "All time",
    more: "More",
    show_hidden: "Show what is hidden",
    hide_hidden: "Hide it again",
    join: "Join",
    leave: "Leave",
    join_note: "You are reading without having joined: nothing new arrives.",
    nobody_followed: "You follow nobody yet, and every vote counts the same. Follow people whose judgement you trust:",
    empty_title: "Nothing here yet",
    empty_no_network: "Your node has not found the network yet.",
    empty_offer: "To see it full of people, try the demo on this machine:",
    empty_invite: "Or be the first to write something.",
    empty_filter: "Nothing matches. Try a longer period.",

    // Items
    upvote: "Upvote",
    withdraw: "Withdraw the upvote",
    score_why: "Why?",
    you: "you",
    followed: "followed",
    muted: "muted",
    deleted_title: "(no title)",
    no_host: "no host is online",
    no_host_seen: "no host seen",
    hosts_unknown: "hosts unknown",
    checked: "checked",
    comments_none: "discuss",
    text_coming: "The text is on its way …",
    text_nobody: "No host is online, so the text cannot be read now. It comes by itself when one is.",
    text_retracted: "The author has asked hosts to stop. The replies stay.",
    text_dead: "The text does not match its signature and is not shown.",
    text_muted: "You have muted this person.",
    wanted: "wanted …",
    fetching: "fetching …",
    fetching_part: "fetching {} %",
    hosting: "hosting",
    stopping: "stopping …",
    vote_failed: "not hosted: {}",
    hosted_only: "in your client, without your vote",
    fold_unhosted: "nobody hosts this",
    fold_muted: "muted",
    fold_label: "labelled by somebody you asked",
    fold_score: "scored below your threshold",
    label_by: "says",
    permalink: "link",
    reply: "reply",
    more_actions: "more",
    parent: "parent",
    whole_thread: "the whole thread",
    source: "torrent",
    magnet: "magnet",
    collapse: "Fold or unfold",
    answer_to: "on",

    // Why
    why: "Why is this here?",
    why_title: "Why is this here?",
    why_adds: "adds",
    why_who: "Who",
    why_through: "through",
    why_age: "Age",
    why_sum: "Score",
    why_rule: "Whoever reaches you through the same person you follow adds at most 1 together. Strangers count only a little, however many they are. Hosts are no votes.",
    why_nobody: "Nobody has voted for this yet.",

    // Thread and composer
    comments: "Comments",
    no_comments: "No comments yet.",
    continue_thread: "continue this thread",
    write_comment: "Write a comment",
    write_post: "Write a post",
    write_reply: "Reply",
    board: "Board",
    title: "Title",
    text: "Text",
    text_help: "Markdown. Quotes with >, links as they are. No pictures.",
    preview: "Preview",
    publish_post: "Publish",
    publish_comment: "Reply",
    working: "Signing and proving work …",
    bytes_left: "{} bytes left",
    bytes_over: "{} bytes too many",
    first_key: "Your first words make your key. You can back it up afterwards, on your page.",
    your_name: "Your name (optional)",
    for_ever: "What is published is signed, and cannot be changed: only others can forget it.",

    // First run
    welcome_title: "The upvote is the hosting",
    welcome_1: "A post here is a tiny text torrent, signed by whoever wrote it.",
    welcome_2: "Upvoting it makes your own torrent client download and share it, so what people value stays online.",
    welcome_3: "Others can see that your internet address hosts what you upvote.",
    welcome_4: "There is no server and no account: your key is made when you first write, and only you have it.",
    welcome_read: "Start reading",
    welcome_write: "Write something",
    welcome_restore: "I have a key",
    vote_title: "Before your first upvote",
    vote_text: "Upvoting means hosting: others can see that your internet address hosts this post, and everything else you upvote.",
    vote_agree: "Upvote and host",
    vote_back: "Not now",

    // People
    posts: "Posts",
    follow: "Follow",
    unfollow: "Unfollow",
    mute: "Mute",
    unmute: "Unmute",
    labels_on: "Use their labels",
    labels_off: "Stop using their labels",
    key: "Key",
    person_new: "has not said a name",
    wrote_nothing: "Nothing known.",
    person_followed_by: "Followed by",
    active_on: "Active on",
    mute_note: "Muting hides what they write, and stops your client from hosting it.",

    // Boards
    boards_title: "Boards",
    boards_none: "You have joined no board.",
    boards_joined: "Joined",
    boards_seen: "Where people you met are active",
    boards_new: "Join or create a board",
    boards_name: "Name",
    boards_help: "a-z, 0-9 and -. A board exists when somebody joins it.",
    boards_items: "Items",
    boards_people: "People met now",
    boards_last: "Newest",
    boards_action: "Action",
    syncing: "catching up, {} %",

    // Inbox and search
    inbox_none: "No replies yet.",
    inbox_read: "Mark all as read",
    unread: "new",
    search_for: "Search for",
    search_help: "Words, an infohash, a magnet link, or a key.",
    search_none: "Nothing found on the boards you joined.",
    search_here: "Search only here",

    // Me
    me_title: "Me",
    me_no_key: "You have no key yet. It is made with the first thing you write; until then you can read and host.",
    me_back_up: "Back-up",
    me_back_up_text: "Twenty-four words are your key. Whoever has them is you; without them a lost disk is a lost name.",
    me_back_up_show: "Show the 24 words",
    me_back_up_done: "You have seen them.",
    me_back_up_never: "You have not backed your key up yet.",
    backup_title: "Your 24 words",
    backup_text: "Write them on paper, in this order. Nobody can give them to you again, and nobody who asks for them means well.",
    backup_done: "I have written them down",
    me_restore: "Restore a key",
    me_restore_text: "Type the 24 words of a key that you already have.",
    me_restore_do: "Restore",
    me_profile: "Profile",
    me_name: "Name",
    me_about: "About you",
    save: "Save",
    me_hosting: "Hosting",
    me_hosting_items: "Items hosted",
    me_hosting_bytes: "Size",
    me_hosting_client: "In {}",
    me_hosting_own: "In the node itself",
    me_hosting_waiting: "Waiting",
    me_hosting_announced: "Announced",
    me_warnings: "In the way",
    me_hosting_of: "{} of",
    me_missing_title: "Your client has lost items",
    me_missing_host: "Host them again",
    me_missing_withdraw: "Withdraw these upvotes",
    me_upvoted: "What you host",
    place_client: "client",
    place_node: "node",
    place_waiting: "waiting",
    place_missing: "missing",
    me_settings: "Settings",
    set_theme: "Colours",
    theme_auto: "as the system",
    theme_light: "light",
    theme_dark: "dark",
    set_budget: "Newest upvotes kept in the client; older ones are hosted by the node",
    set_days: "Days of history fetched when joining a board",
    set_additions: "Upseed torrents that I add in my client are upvotes",
    set_announce: "Let followers find my own node by my key",
    me_feeds: "Feeds",
    me_feeds_text: "A torrent client's RSS reader can follow a feed and host what is in it. The addresses hold a token that can read and do nothing else.",
    me_feeds_create: "Make addresses",
    me_feeds_revoke: "Revoke them all",
    feed_inbox: "Replies to you",
    me_network: "Network",
    net_client: "Client",
    net_met: "People met",
    net_dht: "DHT nodes",
    net_away: "not reachable",

    bytes: "{} B",
    kilobytes: "{} kB",
    megabytes: "{} MB",

    // Acts on one item
    label_value: "Label",
    label_reason: "Reason",
    label_do: "Set the label",
    label_help: "Whoever uses your labels sees it.",
    retract: "Retract",
    retract_help: "Asks hosts to stop, and cannot be taken back.",

    // What was done
    said_published: "Published.",
    said_saved: "Saved.",
    said_followed: "Followed.",
    said_unfollowed: "No longer followed.",
    said_muted: "Muted.",
    said_unmuted: "No longer muted.",
    said_joined: "Joined. The newest day comes first.",
    said_left: "Left.",
    said_revoked: "The old addresses no longer work.",
    said_labelled: "Labelled.",
    said_retracted: "Retracted.",
    said_restored: "Welcome back.",

    // Errors
    error_title: "That did not work",
    error_missing: "Not found",
    error_signed_out: "Not signed in",
    error_home: "To the front page",

    // Ages
    now: "just now",
    minutes: "{} min ago",
    hours: "{} h ago",
    days: "{} d ago",
}
counts {
    comments_n: "1 comment", "{} comments",
    more_replies: "1 more reply", "{} more replies",
    hosts_n: "1 host", "{} hosts",
    votes_n: "1 vote", "{} votes",
    folded_n: "1 item that nobody hosts", "{} items that nobody hosts",
    hidden_n: "1 item is hidden", "{} items are hidden",
    others_n: "1 other", "{} others",
    networks_n: "from 1 network", "from {} networks",
    strangers_n: "1 stranger", "{} strangers",
    tried_dht: "1 DHT node asked.", "{} DHT nodes asked.",
    tried_people: "1 person met here.", "{} people met here.",
    tried_seconds: "Looking for 1 second.", "Looking for {} seconds.",
    found_n: "1 item found", "{} items found",
    lost_n: "1 upvoted item is missing there.", "{} upvoted items are missing there.",
    hosting_n: "hosting 1 item", "hosting {} items",
    met_n: "1 person met", "{} people met",
    dht_n: "1 DHT node", "{} DHT nodes",
}
}

impl Strings {
    /// A time in words, as seen at `now`; longer ago than 30 days it is the date (UTC).
    pub fn age(&self, time: u64, now: u64) -> String {
        let seconds = now.saturating_sub(time);
        let (text, n) = match seconds {
            0..60 => return self.now.to_string(),
            60..3_600 => (&self.minutes, seconds / 60),
            3_600..86_400 => (&self.hours, seconds / 3_600),
            86_400..2_592_000 => (&self.days, seconds / 86_400),
            _ => return crate::time::date(time),
        };
        fill(text, &n.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ages() {
        let strings = Strings::english();
        assert_eq!(strings.comments_n.of(1_u32), "1 comment");
        assert_eq!(strings.comments_n.of(12_345_u32), "12\u{202f}345 comments");
        let now = 1_800_000_000;
        assert_eq!(strings.age(now + 5, now), "just now");
        assert_eq!(strings.age(now - 7_300, now), "2 h ago");
        assert_eq!(strings.age(now - 86_400 * 40, now), "2026-12-06");
    }

    #[test]
    fn the_pseudo_locale_keeps_the_places() {
        let pseudo = Strings::pseudo();
        assert_eq!(pseudo.comments_n.of(3_u32), "⟦3 çömméñţš⟧");
        assert!(pseudo.fetching_part.contains("{}"));
    }
}
