//! The tables of a node, and what one transaction does in them.
//!
//! Three layers, each of which knows only those above it in this list: [`values`], plain data without a
//! connection; [`work`], functions over a connection; [`schema`], the migrations, which fill new tables by
//! work. `upseed-store` holds the connections and puts one transaction around each thing that a node asks.
//!
//! *Architecture invariants:* nothing here reads a clock or the environment; times are arguments, in unix
//! seconds. Derived rows change in the transaction that changes the records they come from.
//! # A database, made and asked
//! ```
//! use std::path::Path;
//!
//! use rusqlite::Connection;
//! use upseed_model::BoardName;
//! use upseed_tables::{schema, work::names};
//!
//! let mut connection = Connection::open_in_memory()?;
//! schema::prepare(&mut connection, Path::new(":memory:"))?;
//! let board = "gardening".parse::<BoardName>()?;
//! assert_eq!(names::known_board(&connection, &board)?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod hosting;
pub mod schema;
pub mod values;
pub mod work;
