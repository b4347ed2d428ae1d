//! Packs: many texts of a board in one torrent of one file, so that a stock client which bears a few thousand torrents
//! gives a million texts.
//!
//! A pack is decided by the items in it alone: whoever packs the same ones has the same infohash, and shares a swarm. It
//! says nothing of who made it. A text is read out of one page (a piece of the torrent), besides the metadata.
//!
//! *Architecture invariant:* nothing here reads a clock, a file or a socket; bytes come in pages and go out in pages.
//! `docs/protocol.md` is the specification.
//!
//! # From items to a pack, and one text out of it
//! ```
//! # use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
//! use upseed_pack::{PackInfo, PackWriter, Plan, Planned, page::{self, Search}};
//!
//! # let key = SecretKey::from_seed(&[7; 32]);
//! # let (board, text) = ("gardening".parse::<BoardName>()?, b"Sow peas in March.");
//! # let kind = Kind::Post { title: "Seeds".parse::<Title>()? };
//! # let draft = ItemDraft { author: key.public(), board, kind, time: 1_800_000_000, text };
//! # let item = SignedItem::from_bytes(&draft.puzzle(0)?.solve(&key))?;
//! let plan = Plan::new(board, vec![Planned::of(&item)])?;
//! let mut file = Vec::new();
//! let mut writer = PackWriter::new(&plan, &mut file);
//! writer.put(&item, text, &mut file)?;
//! let info = writer.finish()?;
//!
//! // A reader has the metadata, asks its table for a page, and needs nothing else of the file.
//! let info = PackInfo::from_bytes(info.bytes())?;
//! let at = info.pages_of(&item.infohash()).next().unwrap();
//! let bytes = &file[info.page_range(at)];
//! assert!(info.is_page(at, bytes));
//! let Search::Found(found) = page::find(bytes, &item.infohash())? else { panic!() };
//! assert_eq!((found.item, found.text.as_bytes()), (item, &text[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod bundle;
mod envelope;
mod idset;
mod info;
pub mod layout;
pub mod page;
mod plan;
mod record;
mod verifier;
mod writer;

pub use envelope::torrent;
pub use idset::{IdSet, IdSetError};
pub use info::{InfoError, PackInfo, is_file_name};
pub use plan::{Plan, PlanError, Planned};
pub use record::RecordFault;
pub use verifier::{ContentError, PackVerifier, Packed};
pub use writer::{PackWriter, WriteError};
