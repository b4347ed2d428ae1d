//! Every limit of the protocol in one place, each with the sum or the reason that gives it.

/// Bytes of a text. One BitTorrent piece of 64 KiB: a text is fetched and checked as a whole.
pub const MAX_TEXT: usize = 65_536;

/// `piece length` of every item, so that a text is always exactly one piece.
pub const PIECE_LENGTH: u64 = 65_536;

/// Bytes of an item's header. The largest possible one is a post's, with each key counted with its
/// value. The info dictionary: length 15, name 146, piece length 22, pieces 31, the key `upseed` 8,
/// `d` and `e` 2, together 224. `upseed`: author 43, board 50, kind 12, pow 32, sha256 43, sig 72,
/// time 21, title 311, v 6, `d` and `e` 2, together 592. In all 816 (`tests/records.rs` checks it).
/// Two and a half times that leaves room for a later version, in one piece of metadata (BEP 9).
pub const MAX_HEADER: usize = 2_048;

/// Bytes of a statement: 256 targets × 32 bytes = 8,192 for a full ballot; 64 labels ×
/// (32 + 32 + 200 + about 20 of bencode) = 18,176 would not fit, so long reasons mean fewer labels.
pub const MAX_STATEMENT: usize = 16_384;

/// Bytes of a title (UTF-8).
pub const MAX_TITLE: usize = 300;

/// Bytes of the readable part of a file name (UTF-8): 100 + "." + 32 hex digits + ".md" = 136, below the
/// 255 bytes that file systems allow and below eCryptfs's 143.
pub const MAX_SLUG: usize = 100;

/// Bytes of a board's name.
pub const MAX_BOARD: usize = 40;

/// Boards that one statement may name.
pub const MAX_BOARDS: usize = 8;

/// Targets of one ballot or one list of follows: 256 × 32 bytes = 8 KiB.
pub const MAX_TARGETS: usize = 256;

/// Labels in one list.
pub const MAX_LABELS: usize = 64;

/// Bytes of a label's value.
pub const MAX_LABEL_VALUE: usize = 32;

/// Bytes of a label's reason.
pub const MAX_LABEL_REASON: usize = 200;

/// Bytes of a profile's name.
pub const MAX_NAME: usize = 64;

/// Bytes of a profile's `about`.
pub const MAX_ABOUT: usize = 1_024;

/// Boards that a profile may list.
pub const MAX_PROFILE_BOARDS: usize = 32;

/// Own items that one retraction names: 64 × 32 bytes = 2 KiB.
pub const MAX_RETRACTED: usize = 64;

/// Successions from a person's first key to the last one.
pub const MAX_SUCCESSIONS: usize = 16;

/// The earliest time of a record: 2023-11-14, before the first record was ever made.
pub const MIN_TIME: u64 = 1_700_000_000;

/// The latest time of a record: 2^40 s is the year 36812, and fits every integer type in use.
pub const MAX_TIME: u64 = 1 << 40;

/// Seconds that a record's time may be ahead of the reader's clock.
pub const MAX_AHEAD: u64 = 600;

/// Committed work: at most 64 bits can be asked of one 64-bit counter.
pub const MAX_BITS: u8 = 64;

/// Least committed work of any record; 2^16 hashes are 14 ms at 4.7 million a second.
pub const BASE_BITS: u8 = 16;

/// Least committed work of a post: 2^18 hashes are 56 ms at 4.7 million a second.
pub const POST_BITS: u8 = 18;

/// Largest bencode integer: 2^63 − 1 (the largest that libtorrent's own parser holds).
pub const MAX_INTEGER: u64 = i64::MAX as u64;

/// Depth of nested lists and dictionaries in any bencode that is read: an item has 3, an ordinary
/// torrent's envelope 5.
pub const MAX_DEPTH: usize = 16;

/// Bytes of a .torrent that is looked into: the header, and an envelope with some trackers.
pub const MAX_TORRENT: usize = 65_536;

/// Bytes of a magnet link: two infohashes' worth of text, a display name and some trackers.
pub const MAX_MAGNET: usize = 8_192;

/// Depth of a thread that is shown at once; below it the view says "continue".
pub const MAX_THREAD_DEPTH: usize = 256;

/// Days after which a record leaves every set: a year and five weeks, so that "the last year" is
/// whole at any moment.
pub const HORIZON_DAYS: u64 = 400;

/// Days that a node reconciles when it joins a board, unless asked for more.
pub const DEFAULT_DAYS: u64 = 30;

/// Bytes of one board-day before its `min_bits` rises: 64 MiB = 100,000 records of 650 bytes.
pub const MAX_DAY_BYTES: u64 = 64 << 20;

/// Bytes of one `up_sync` frame: 3 × 64 KiB texts and their ids fit; libtorrent's own ceiling is
/// 1,048,574.
pub const MAX_FRAME: usize = 262_144;

/// Bytes of one negentropy message: a frame less 1 KiB, so that the frame around it always fits.
pub const MAX_RECONCILE: u64 = 261_120;

/// Round trips for one day. A full day of the smallest records (64 MiB / 210 bytes = 320,000) asked
/// for by a node that has none of them takes 320,000 / (261,120 / 32) = 40; dividing ranges by 16
/// takes 5 more. A peer that needs more than 48 is playing.
pub const MAX_ROUNDS: u8 = 48;

/// Days that are reconciled at the same time on one connection.
pub const MAX_OPEN_DAYS: usize = 8;

/// Ids in one `want`, `have`, `gone`, `want-text` or `no-text` frame: 1,024 × 32 bytes = 32 KiB.
pub const MAX_IDS: usize = 1_024;

/// Records or texts asked of one peer and not answered yet.
pub const MAX_ASKED: usize = 4_096;

/// Seconds in which a peer must serve what it said it has, or at least go on serving.
pub const SERVE_SECONDS: u64 = 10;

/// Seconds after which even a peer that goes on serving is not waited for any more: 4,096 records
/// of 700 bytes at 24 kB/s.
pub const MAX_SERVE_SECONDS: u64 = 120;

/// Seconds for which an offer that was not served counts as withdrawn.
pub const WITHDRAWN_SECONDS: u64 = 3_600;

/// Bytes queued for one peer above which nothing more is read for it from the store: a quarter of a frame, besides
/// what the connection itself holds. 160 peers who read nothing hold 160 × (64 KiB + a text) = 20 MiB.
pub const MAX_QUEUED: usize = 65_536;

/// Addresses in one `peers` frame.
pub const MAX_PEERS: usize = 16;

/// Bytes of a `punch` frame at least: whoever has an address dialled spends what that costs whoever is there, which is two
/// SYNs of uTP (2 × 48 bytes) and one ping of the DHT (some 110).
pub const MIN_PUNCH: usize = 256;

/// Seconds in which a peer must say `hello` and `open`.
pub const HELLO_SECONDS: u64 = 60;

/// Seconds between two comparisons on one connection (fresh records are pushed meanwhile), and
/// seconds without any step of a comparison after which a peer is dropped.
pub const COMPARE_SECONDS: u64 = 300;

/// Comparisons that a peer may ask for in quick succession.
pub const COMPARISONS: u64 = 5;

/// Seconds that earn another comparison: ten times as often as an honest peer asks.
pub const COMPARISON_SECONDS: u64 = 30;

/// Records, texts, `have` and unknown frames not asked for that a peer may send at once: 4,096
/// `have` frames name 4 million records, more than 30 days of 100,000.
pub const UNASKED: u64 = 4_096;

/// Bytes of what was not asked for that count as one of them, however few they are in: at once 4,096 × 4 KiB = 16 MiB, and
/// 80 KiB each second. An unknown frame of the full length counts as 64, as do four late texts of the longest.
pub const UNASKED_BYTES: usize = 4_096;

/// What each second earns of them: 1.7 million a day, 17 full boards' records.
pub const UNASKED_PER_SECOND: u64 = 20;
