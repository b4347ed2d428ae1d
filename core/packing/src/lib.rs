//! Packs in use: `upseed-pack` says what a pack is, `upseed-swarm` carries pieces of a torrent, and here both meet.
//!
//! [`PackFetch`] reads texts out of a pack that anybody seeds, with any client, for about 45 kB each; [`gives_page`] asks
//! one client whether it really has a pack. Both block their thread until they are done or patience is over, and keep no more
//! than a few pages in memory.
//!
//! # One text of a pack of which only the infohash is known
//! ```no_run
//! # use std::{net::SocketAddr, time::Duration};
//! # use upseed_model::Infohash;
//! # use upseed_swarm::Swarm;
//! use upseed_packing::PackFetch;
//!
//! # fn read(swarm: &Swarm, pack: Infohash, item: Infohash, seed: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
//! let fetch = PackFetch::new(pack, vec![item]).peers(vec![seed]);
//! let fetched = fetch.run(swarm, Duration::from_secs(30))?;
//! let (_, found) = &fetched.texts[0];
//! if let Ok(found) = found {
//!     println!("{}", found.text);
//! }
//! // What the metadata said serves the next fetch.
//! let again = PackFetch::new(pack, vec![item]).info(fetched.info);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod fetch;
mod proof;
mod reading;
mod sought;

pub use fetch::{Fetched, MAX_TEXTS, PackFailure, PackFetch};
pub use proof::{ProofFailure, gives_page};
pub use sought::{Outcome, TextFailure};
