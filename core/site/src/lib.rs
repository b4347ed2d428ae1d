//! A board as a static site that anybody can put on any web host: index pages, a page a thread, RSS, .torrent files and one
//! stylesheet; no scripts.
//!
//! Values go in (what the node's API tells, as its user sees it) and files come out. What is the
//! reader's alone (whom they follow, what they upvoted, scores) is left out: the site is public.
//!
//! *Architecture invariant:* nothing here reads a disk, a network or a clock: the same values give the same files,
//! byte for byte, so that a second run changes only what changed. All links are relative, so that it works in any folder of
//! any host and from `file://`.
//!
//! ```
//! let site = upseed_site::Site { board: "garden".parse()?, url: None };
//! let pages = site.index(&[]);
//! assert_eq!(pages[0].path, "index.html");
//! # Ok::<(), upseed_model::board::BoardNameError>(())
//! ```

mod feed;
mod file;
mod index;
mod manifest;
mod page;
mod site;
mod thread;

pub use file::File;
pub use index::{PAGE, Post};
pub use manifest::{MANIFEST, Manifest, is_own_path};
pub use site::Site;
pub use thread::{comments, is_shown};
