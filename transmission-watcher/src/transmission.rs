//! A Transmission, and what is known of it.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    time::SystemTime,
};

use upseed_clock::Moment;

use parking_lot::Mutex;
use reqwest::header::HeaderValue;
use tokio::sync::Notify;
use upseed_client::{Change, Owner};
use upseed_model::Infohash;

use crate::{
    Settings, TransmissionError, folder::Sharing, given::Given, rpc::Rpc, session::Session,
    table::Table, tracker::Tracker,
};

/// Transmission as a client. It is asked when something asks for it; [`upseed_client::Client::changes`] asks it
/// regularly.
pub struct Transmission {
    pub(crate) rpc: Rpc,
    /// Its settings file, if the user named it.
    pub(crate) file: Option<PathBuf>,
    pub(crate) state: tokio::sync::Mutex<State>,
    pub(crate) tracker: tokio::sync::Mutex<Option<Tracker>>,
    pub(crate) owner: Mutex<Option<Owner>>,
    /// Items that were given the address of our tracker.
    pub(crate) tracked: Mutex<HashSet<Infohash>>,
    pub(crate) seen: Mutex<Seen>,
    pub(crate) news: Mutex<Vec<Change>>,
    pub(crate) woken: Notify,
}

/// What is known of it, while it is connected.
#[derive(Default)]
pub(crate) struct State {
    pub table: Table,
    pub sharing: Option<Sharing>,
    pub session: Session,
    pub session_id: Option<HeaderValue>,
    pub asked: Option<Moment>,
    pub looked_over: Option<Moment>,
    /// Those that it was asked to check again, and when.
    pub checked: HashMap<Infohash, Moment>,
    /// Files that are not as the client left them, by their time: looked at once.
    pub looked: HashMap<Infohash, SystemTime>,
    pub given: HashMap<Infohash, Given>,
    /// Old addresses of our tracker were looked for.
    pub swept: bool,
}

impl State {
    /// These are asked for by name for a while.
    pub fn watch(&mut self, items: &[Infohash]) {
        let now = Moment::now();
        self.checked.extend(items.iter().map(|id| (*id, now)));
    }
}

/// What was seen last, for [`upseed_client::Client::describe`].
#[derive(Default)]
pub(crate) struct Seen {
    pub version: String,
    pub online: bool,
    pub tried: bool,
    pub warnings: Vec<String>,
    pub error: Option<String>,
    /// It may upload nothing.
    pub gives_nothing: bool,
    /// Why it is not known how it goes out.
    pub network: Option<String>,
}

impl Transmission {
    /// One that is not asked anything yet.
    pub fn new(settings: &Settings) -> Result<Self, TransmissionError> {
        Ok(Self {
            rpc: Rpc::new(settings)?,
            file: settings.file.clone(),
            state: tokio::sync::Mutex::default(),
            tracker: tokio::sync::Mutex::default(),
            owner: Mutex::default(),
            tracked: Mutex::default(),
            seen: Mutex::default(),
            news: Mutex::default(),
            woken: Notify::new(),
        })
    }
}

/// As Transmission is told which torrents are meant.
pub(crate) fn hashes(items: &[Infohash]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}
