//! Who looks at the view: one-time links become a cookie; feeds have a token of their own.

use std::{collections::HashMap, sync::Mutex};

use sha2::{Digest as _, Sha256};
use upseed_store::Store;
use zeroize::Zeroizing;

use crate::{Folder, NodeError, folder::random_token, node::locked};

/// Seconds for which a one-time link is good.
const TICKET_SECONDS: u64 = 600;

/// One-time links that are open at the same time.
const MAX_TICKETS: usize = 16;

const VIEW: &str = "view-session";
const FEED: &str = "feed-token";

/// The feeds' token of a folder whose node does not run; made if there is none.
///
/// # Errors
/// If a node does run there: that one knows.
pub fn feed_token(folder: &Folder) -> Result<Zeroizing<String>, NodeError> {
    folder.create()?;
    let _lock = folder.lock()?;
    folder.create_database()?;
    let store = Store::open(&folder.database())?;
    Sessions::open(&store)?.feed_or_new(&store)
}

/// The secrets of the view. They outlive a restart, so that an open page goes on.
pub(crate) struct Sessions {
    cookie: Zeroizing<String>,
    tickets: Mutex<HashMap<String, u64>>,
    feed: Mutex<Option<Zeroizing<String>>>,
}

impl Sessions {
    /// Reads the secrets, or makes them.
    pub fn open(store: &Store) -> Result<Self, NodeError> {
        let cookie = match store.setting(VIEW)? {
            Some(cookie) => Zeroizing::new(cookie),
            None => {
                let cookie = random_token()?;
                store.set_setting(VIEW, Some(&cookie))?;
                cookie
            }
        };
        let feed = Mutex::new(store.setting(FEED)?.map(Zeroizing::new));
        Ok(Self { cookie, tickets: Mutex::default(), feed })
    }

    /// A new one-time ticket.
    pub fn ticket(&self, now: u64) -> Result<Zeroizing<String>, NodeError> {
        let ticket = random_token()?;
        let mut tickets = locked(&self.tickets);
        tickets.retain(|_, until| *until > now);
        if tickets.len() >= MAX_TICKETS
            && let Some(oldest) = tickets.iter().min_by_key(|(_, until)| **until)
        {
            let oldest = oldest.0.clone();
            tickets.remove(&oldest);
        }
        tickets.insert(ticket.to_string(), now + TICKET_SECONDS);
        Ok(ticket)
    }

    /// Takes a ticket; false if it was taken before, is too old, or never existed.
    pub fn take(&self, ticket: &str, now: u64) -> bool {
        locked(&self.tickets).remove(ticket).is_some_and(|until| until > now)
    }

    /// What the cookie holds.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// What every form of a page carries: follows from the cookie, and does not give it away.
    pub fn page_token(&self) -> String {
        let hash = Sha256::new_with_prefix(b"upseed page\0").chain_update(self.cookie.as_bytes());
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The feeds' token, once one was made.
    pub fn feed(&self) -> Option<Zeroizing<String>> {
        locked(&self.feed).clone()
    }

    /// The feeds' token; made if there is none.
    pub fn feed_or_new(&self, store: &Store) -> Result<Zeroizing<String>, NodeError> {
        if let Some(token) = self.feed() {
            return Ok(token);
        }
        self.set_feed(store, true)?;
        Ok(self.feed().unwrap_or_default())
    }

    /// Makes the feeds' token, or revokes it.
    pub fn set_feed(&self, store: &Store, on: bool) -> Result<(), NodeError> {
        let token = if on { Some(random_token()?) } else { None };
        store.set_setting(FEED, token.as_deref().map(String::as_str))?;
        *locked(&self.feed) = token;
        Ok(())
    }
}
