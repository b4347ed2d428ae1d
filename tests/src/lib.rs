//! The harness of the end-to-end tests: people with real `upseed run` processes, stock torrent
//! clients, a network namespace, and waiting on conditions.
//!
//! A test reads like a story:
//!
//! ```no_run
//! use upseed_tests::{Person, until};
//!
//! let ann = Person::named("Ann").start();
//! let bob = Person::named("Bob").peer(&ann).start();
//! let id = ann.post("upseed", "First words", "Hello.\n");
//! let item = until("Bob sees Ann's post with its text", || {
//!     bob.listed(&id).filter(|item| item["text"] == "Hello.\n")
//! });
//! assert_eq!(item["votes"], 0);
//! ```
//!
//! - Nothing leaves this machine: a person listens on loopback (or in a [`namespace`]), without DHT
//!   and without local discovery unless the test asks for them.
//! - Everything a test starts ends with it, by its pid, and that is asserted.
//! - Nothing sleeps for a fixed time: [`until`] waits for a condition and names it when it fails.
//! - Nothing asserts how long anything took: see [`PATIENCE`].
//! - When a test panics, the ends of its nodes' logs are shown.
//!
//! `make test` builds the command first. By hand: `cargo build -p upseed`, then
//! `cargo nextest run -p upseed-tests` (or `cargo test -p upseed-tests`). `UPSEED_BINARY` names
//! another command to test, such as the release one.
#![allow(clippy::print_stderr)]

mod attacker;
mod clock;
mod conversation;
pub mod deluge;
mod dice;
mod disk;
mod generation;
pub mod home;
pub mod http;
pub mod interface;
pub mod library;
pub mod namespace;
pub mod person;
mod port;
pub mod qbittorrent;
pub mod refusal;
pub mod reverse_proxy;
pub mod stock;
mod stranger;
pub mod tracker;
pub mod transmission;
pub mod view;
mod wait;
mod wire;

pub use self::{
    attacker::Attacker,
    clock::Clock,
    conversation::Conversation,
    deluge::Deluge,
    dice::Dice,
    disk::OddDisk,
    generation::Generation,
    home::Home,
    person::{Output, Person, Setup, binary},
    port::free_port,
    qbittorrent::QBittorrent,
    stock::Stock,
    stranger::Stranger,
    tracker::Tracker,
    transmission::TransmissionDaemon,
    wait::{PATIENCE, ended, steadily, until, until_is},
    wire::Wire,
};
