//! How a torrent client's HTTP is reached, whichever client it is.
//!
//! A [`Connection`] trusts the system's certificates and one that the user gave, sends Basic credentials where a server in front
//! of the client wants them, follows redirects on the same host alone, bounds answers in time and size, and says in a
//! sentence what went wrong ([`Failure`]). It must never tell one host what was meant for another.
//!
//! ```
//! use std::time::Duration;
//! use upseed_reach::{Connection, Limits, Place, address};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let place = Place { url: address("nas.local:8080/qbt")?, basic: None, certificate: None };
//! let limits = Limits { connect: Duration::from_secs(5), answer: Duration::from_secs(60),
//!     silence: Duration::from_secs(30), bytes: 1 << 20 };
//! let connection = Connection::new(&place, limits)?;
//! assert_eq!(connection.base().as_str(), "http://nas.local:8080/qbt");
//! # Ok(())
//! # }
//! ```

mod connection;
mod failure;
mod place;

pub use connection::{Connection, Limits, wants_basic};
pub use failure::Failure;
pub use place::{Basic, NotAnAddress, Place, address, trusted};
