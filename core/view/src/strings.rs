//! Every word that the view says, in one place, so that it can be translated.
//!
//! A translation is another value of [`Strings`]; `{}` stands for a number or a word that is put
//! in. The pseudo-locale wraps each text in ⟦ ⟧: a test renders every page with it and finds any
//! text that did not come from here.

use std::{borrow::Cow, sync::LazyLock};

pub(crate) use crate::language::grouped;
pub use crate::language::{Count, fill};

crate::language::strings! {
texts {
    // The frame around every page
    skip: "Skip to content",
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
    keys_title: "Keyboard shortcuts",
    keys_next: "next / previous",
    keys_vote: "upvote",
    keys_open: "open",
    keys_comments: "comments",
    keys_reply: "reply",
    keys_fold: "collapse",
    keys_search: "search",
    keys_help: "show this list",
    keys_close: "close",
    about: "How it works",
    feed: "RSS",
    new_items: "New posts available. Refresh",
    failed: "That did not work. Is Upseed still running?",
    gone_session: "This browser is no longer connected. Reload the page, or run",

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
    show_hidden: "Show hidden posts",
    hide_hidden: "Hide them again",
    join: "Join",
    leave: "Leave",
    join_note: "Join this board to receive new posts.",
    nobody_followed: "You are not following anyone yet, so every vote is a stranger's and counts little. Follow people whose judgement you trust:",
    starters_offer: "You follow few people. Here are lists of people to start with, suggested by those named. You can unfollow anyone at any time.",
    starters_by: "by",
    starters_for: "for",
    empty_title: "Nothing here yet",
    empty_no_network: "Upseed has not found the network yet.",
    empty_offer: "To see a busy board, try the demo on this machine:",
    empty_invite: "Or write the first post.",
    empty_filter: "Nothing here for this period. Try a longer one.",

    // Items
    upvote: "Upvote",
    withdraw: "Remove upvote",
    score_why: "Why?",
    you: "you",
    followed: "followed",
    muted: "muted",
    deleted_title: "(no title)",
    no_host: "no host online",
    no_host_seen: "no host seen",
    hosts_unknown: "host count unknown",
    checked: "verified",
    comments_none: "discuss",
    text_coming: "Fetching the text …",
    text_nobody: "No host is online, so the text cannot be read now. It appears as soon as a host comes online.",
    text_retracted: "The author has asked hosts to stop hosting this. The replies stay.",
    text_dead: "The text does not match its signature, so it is not shown.",
    text_muted: "You have muted this person.",
    wanted: "wanted …",
    fetching: "fetching …",
    fetching_part: "fetching {} %",
    hosting: "hosting",
    stopping: "stopping …",
    vote_failed: "not hosted: {}",
    hosted_only: "hosted by your client, not upvoted",
    fold_unhosted: "no host",
    fold_muted: "muted",
    fold_label: "labelled by someone you subscribe to",
    fold_hidden: "hidden by you",
    folded_as: "Folded: {}",
    hidden_as: "Hidden: {}",
    by: "by",
    stopped_muted: "not hosted: you muted its author",
    stopped_retracted: "not hosted: retracted by its author",
    fold_score: "below your score threshold",
    label_by: "says",
    permalink: "link",
    reply: "reply",
    more_actions: "more",
    parent: "parent",
    whole_thread: "whole thread",
    source: "torrent",
    magnet: "magnet",
    collapse: "Collapse or expand",
    answer_to: "on",

    // Why
    why: "Why is this here?",
    why_title: "Why is this here?",
    why_adds: "Points",
    why_who: "From",
    why_through: "through",
    why_sum: "Score",
    why_rule: "Votes count by who follows whom, beginning with the people you follow. Hosting alone is not a vote.",
    why_via: "It counts through {} of the {} people you follow: {}.",
    why_both: "{}, and so did {}.",
    why_capped: "Votes through {} are capped: together they weigh no more than the path by which you reach them.",
    why_place: "It is number {} on its board {}.",
    why_without: "Without {} it would be number {}.",
    why_without_same: "Without {} it would be the same number.",
    why_without_far: "Without {} it would not be among the first 1,000.",
    why_day: "today",
    why_week: "this week",
    why_month: "this month",
    why_year: "this year",
    why_all: "of all time",
    why_mine: "Your own upvote does not count in your own order.",
    not_scored: "The order is being worked out again. Until then this is the one from before.",
    unknown_help: "None of these people, and nobody who upvoted their posts, is reached through the people you follow. The posts with the most work come first.",
    why_nobody: "Nobody has upvoted this yet.",

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
    text_help: "Markdown: > quotes, links are recognised. Text only, no images.",
    preview: "Preview",
    publish_post: "Publish",
    publish_comment: "Reply",
    working: "Signing and computing proof of work …",
    chars_left: "Characters left: {}",
    chars_over: "Characters over the limit: {}",
    first_key: "Publishing your first post or comment creates your key. You can back it up afterwards on the Me page.",
    your_name: "Display name (optional)",
    for_ever: "Posts are signed and cannot be edited or deleted.",

    // First run
    welcome_title: "The upvote is the hosting",
    welcome_1: "Every post is a tiny text torrent, signed by its author.",
    welcome_2: "Upvoting it makes your own torrent client download and seed it, so what people value stays online.",
    welcome_3: "Others can see that your IP address hosts what you upvote.",
    welcome_4: "There is no server and no account. Your key is created when you first write something, and only you have it.",
    welcome_read: "Start reading",
    welcome_write: "Write a post",
    welcome_restore: "I already have a key",
    vote_title: "Before your first upvote",
    vote_text: "Upvoting means hosting: others can see that your IP address hosts this post, and everything else you upvote.",
    vote_agree: "Upvote and host",
    vote_back: "Not now",

    // People
    posts: "Posts",
    follow: "Follow",
    unfollow: "Unfollow",
    mute: "Mute",
    unmute: "Unmute",
    labels_on: "Subscribe to their labels",
    labels_used: "Your subscription to their labels",
    label_person: "Label this person",
    key: "Key",
    person_new: "No display name",
    wrote_nothing: "No posts or comments yet.",
    person_followed_by: "Followed by",
    active_on: "Active in",
    mute_note: "Muting hides what this person writes and stops your client from hosting it.",

    // Starter lists
    starter_title: "Starter list",
    starter_choose: "Follow those you want: remove the mark from the others.",
    starter_follow: "Follow the marked people",
    starter_none: "You have not published a starter list.",
    starters: "Starter lists",
    starters_text: "Suggest people of a board to those who come new to it. Anyone can see the list, and that it is yours.",
    starters_follow_first: "Follow people first: you choose from them.",
    starter_name: "List name",
    starter_people: "People",
    starter_publish: "Publish list",
    starter_withdraw: "Withdraw",

    // Boards
    boards_title: "Boards",
    boards_none: "You have not joined any boards.",
    boards_joined: "Joined",
    boards_seen: "Active boards of people you follow or met",
    boards_new: "Join or create a board",
    boards_name: "Name",
    boards_help: "a-z, 0-9 and -. Joining an unused name creates the board.",
    boards_items: "Posts and comments",
    boards_people: "Peers online",
    boards_last: "Latest",
    boards_action: "Action",
    syncing: "syncing, {} %",

    // Inbox and search
    inbox_none: "No replies yet.",
    inbox_read: "Mark all as read",
    unread: "new",
    search_for: "Search for",
    search_help: "Words, an infohash, a magnet link or a key.",
    search_none: "Nothing found in the boards you joined.",
    search_here: "Search this board only",

    // Me
    me_title: "Me",
    me_no_key: "You have no key yet. It is created with the first thing you write; you can read and host without one.",
    me_back_up: "Backup",
    me_back_up_text: "These 24 words are your key. Anyone who has them can post as you. If you lose this disk without them, your identity is gone.",
    me_back_up_show: "Show the 24 words",
    me_back_up_done: "Backed up (words shown)",
    me_back_up_never: "Not backed up yet.",
    backup_title: "Your 24 words",
    backup_text: "Write them on paper, in this order. Nobody can recover them for you. Never share them with anyone.",
    backup_done: "I have written them down",
    me_restore: "Restore a key",
    me_restore_text: "Enter the 24 words of your existing key.",
    me_restore_do: "Restore",
    me_profile: "Profile",
    me_name: "Name",
    me_about: "About you",
    save: "Save",
    me_hosting: "Hosting",
    me_hosting_items: "Hosted",
    me_hosting_bytes: "Size",
    me_hosting_client: "Hosted by {}",
    me_hosting_own: "Hosted by Upseed",
    me_hosting_waiting: "Waiting",
    me_hosting_announced: "Announced",
    me_warnings: "Problems",
    me_hosting_of: "{} of",
    me_missing_title: "Your client has lost posts that you upvoted",
    me_missing_host: "Host them again",
    me_missing_withdraw: "Remove these upvotes",
    me_upvoted: "What you host",
    place_client: "client",
    place_node: "Upseed",
    place_waiting: "waiting",
    place_missing: "missing",
    me_settings: "Settings",
    set_theme: "Theme",
    theme_auto: "Match system",
    theme_light: "Light",
    theme_dark: "Dark",
    set_budget: "Newest upvotes hosted by your client (Upseed hosts older ones)",
    set_days: "History to download when joining (days)",
    set_additions: "Count Upseed torrents that I add in my client as upvotes",
    set_announce: "Let followers find my node by my key",
    me_feeds: "Feeds",
    me_feeds_text: "Your torrent client's RSS reader can subscribe to a feed and host what is in it. Feed links contain a read-only token.",
    me_feeds_create: "Create feed links",
    me_feeds_revoke: "Revoke all",
    feed_inbox: "Replies to you",
    me_network: "Network",
    net_client: "Client",
    net_met: "Peers online",
    net_dht: "DHT nodes",
    net_away: "not reachable",

    bytes: "{} B",
    kilobytes: "{} kB",
    megabytes: "{} MB",

    // Acts on one item
    label_value: "Label",
    label_reason: "Reason",
    label_do: "Add label",
    label_help: "Visible to everyone who subscribes to your labels.",
    retract: "Retract",
    retract_help: "Asks hosts to stop. This cannot be undone.",

    hide: "Hide",
    unhide: "Stop hiding",
    always_show: "Always show",
    a_comment: "a comment",
    gone_item: "an item that is not here",

    // Labels and moderation
    labels_title: "Labels",
    labels_note: "Unsubscribing undoes everything. Nothing that you host is touched, and nobody is told.",
    preview_title: "What a subscription does",
    preview_do: "Preview",
    would_nothing: "None of this week's posts would change.",
    subscribe: "Subscribe",
    unsubscribe: "Unsubscribe",
    all_other_labels: "All other labels",
    action_hide: "Hide",
    action_fold: "Fold",
    action_mark: "Mark",
    action_ignore: "Ignore",
    log_title: "What it did",
    log_none: "Nothing yet.",
    did_hide: "Hid",
    did_fold: "Folded",
    did_mark: "Marked",
    undo: "Undo",
    undone: "undone",
    moderation_title: "Moderation",
    moderation_text: "What is left out of your lists, and why. All of it is yours alone and can be undone.",
    mod_subscriptions: "Label subscriptions",
    mod_subscriptions_none: "You subscribe to nobody's labels. Open a person's page to see what theirs would do.",
    mod_settings_log: "Settings and log",
    mod_mutes: "Muted people",
    mod_hidden: "Hidden items",
    mod_exceptions: "Always shown",
    mod_exceptions_text: "These are shown whatever their labels say.",
    mod_none: "None.",
    mod_retracted: "Retracted items",
    mod_retracted_text: "When an author retracts something that you host:",
    keep_ask: "Ask me",
    keep_keep: "Keep hosting",
    keep_drop: "Stop hosting",
    retracted_ask: "its author asks hosts to stop, and you host it.",
    keep_hosting: "Keep hosting",
    stop_hosting: "Stop hosting",
    remove: "Remove",
    place_stopped: "Not hosted: muted or retracted",

    // What was done
    flash_published: "Published.",
    flash_saved: "Saved.",
    flash_followed: "Followed.",
    flash_unfollowed: "Unfollowed.",
    flash_muted: "Muted.",
    flash_unmuted: "Unmuted.",
    flash_joined: "Joined. Fetching recent posts first …",
    flash_left: "Left the board.",
    flash_revoked: "The old links no longer work.",
    flash_labelled: "Label added.",
    flash_retracted: "Retracted.",
    flash_subscribed: "Subscribed.",
    flash_unsubscribed: "Unsubscribed. Everything is shown as before.",
    flash_undone: "Undone.",
    flash_hidden: "Hidden.",
    flash_shown: "Shown again.",
    flash_followed_list: "Followed the people of this list.",
    flash_withdrawn: "Withdrawn.",
    flash_restored: "Welcome back.",

    // Errors
    error_title: "That did not work",
    error_missing: "Not found",
    error_signed_out: "This browser is not connected yet",
    error_home: "Back to the front page",

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
    folded_n: "1 post without a host", "{} posts without a host",
    labels_n: "1 label", "{} labels",
    acting_n: "1 label at work", "{} labels at work",
    would_hide_n: "Would hide 1 post of this week", "Would hide {} posts of this week",
    would_fold_n: "Would fold 1 post of this week", "Would fold {} posts of this week",
    would_mark_n: "Would mark 1 post of this week", "Would mark {} posts of this week",
    by_followed_n: "1 by someone you follow", "{} by people you follow",
    you_host_n: "1 that you host", "{} that you host",
    hidden_already_n: "1 is hidden already", "{} are hidden already",
    hidden_n: "1 post is hidden", "{} posts are hidden",
    others_n: "1 other", "{} others",
    strangers_n: "1 stranger", "{} strangers",
    unknown_n: "1 post by somebody you do not know", "{} posts by people you do not know",
    unknown_many: "More than 1 post by people you do not know", "More than {} posts by people you do not know",
    why_voted: "1 of them upvoted it.", "{} of them upvoted it.",
    why_behind: "1 person reached through them upvoted it.", "{} people reached through them upvoted it.",
    why_voted_part: "1 of them upvoted it", "{} of them upvoted it",
    why_behind_part: "1 person reached through them", "{} people reached through them",
    why_strangers: "1 stranger upvoted it, whom nobody you follow leads to.", "{} strangers upvoted it, whom nobody you follow leads to.",
    why_networks: "It was seen on 1 network, and strangers count no more than that.", "It was seen on {} networks, and strangers count no more than that.",
    why_muted: "1 vote is by somebody you muted and does not count.", "{} votes are by people you muted and do not count.",
    why_provisional: "You follow fewer than three people, so 1 author of three or more posts you upvoted counts as followed, too.", "You follow fewer than three people, so {} authors of three or more posts you upvoted count as followed, too.",
    tried_dht: "1 DHT node asked.", "{} DHT nodes asked.",
    tried_people: "1 peer online here.", "{} peers online here.",
    tried_seconds: "Searching for 1 second.", "Searching for {} seconds.",
    tried_minutes: "Searching for 1 minute.", "Searching for {} minutes.",
    tried_hours: "Searching for 1 hour.", "Searching for {} hours.",
    people_n: "1 person", "{} people",
    follow_all_n: "Follow this person", "Follow all {}",
    found_n: "1 result", "{} results",
    lost_n: "1 upvoted post is missing there.", "{} upvoted posts are missing there.",
    hosting_n: "hosting 1 post", "hosting {} posts",
    met_n: "1 peer online", "{} peers online",
    dht_n: "1 DHT node", "{} DHT nodes",
}
}

impl Strings {
    /// For how long the network has been searched, as people say it.
    pub fn searching(&self, seconds: u64) -> String {
        match seconds {
            0..120 => self.tried_seconds.of(seconds),
            120..7_200 => self.tried_minutes.of(seconds / 60),
            _ => self.tried_hours.of(seconds / 3_600),
        }
    }

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
        assert_eq!(strings.searching(119), "Searching for 119 seconds.");
        assert_eq!(strings.searching(902), "Searching for 15 minutes.");
        assert_eq!(strings.searching(7_300), "Searching for 2 hours.");
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
