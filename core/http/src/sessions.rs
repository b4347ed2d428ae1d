//! Who looks at the view: one-time links become a cookie; feeds have a token of their own.

use std::collections::HashMap;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use upseed_node::{Folder, NodeError, ViewSetting, ViewSettings, random_token};
use zeroize::Zeroizing;

/// Seconds for which a one-time link is good.
const TICKET_SECONDS: u64 = 600;

/// One-time links that are open at the same time.
const MAX_TICKETS: usize = 16;

/// The feeds' token of a folder whose node does not run; made if there is none.
///
/// # Errors
/// If a node does run there: that one knows.
pub fn feed_token(folder: &Folder) -> Result<Zeroizing<String>, NodeError> {
    let claim = folder.claim()?;
    Sessions::open(ViewSettings::of(&claim)?)?.feed_or_new()
}

/// The secrets of the view. They outlive a restart, so that an open page goes on.
pub(crate) struct Sessions {
    settings: ViewSettings,
    cookie: Zeroizing<String>,
    tickets: Mutex<HashMap<String, u64>>,
    feed: Mutex<Option<Zeroizing<String>>>,
}

impl Sessions {
    /// Reads the secrets, or makes them.
    pub fn open(settings: ViewSettings) -> Result<Self, NodeError> {
        let cookie = match settings.get(ViewSetting::Session)? {
            Some(cookie) => Zeroizing::new(cookie),
            None => {
                let cookie = random_token()?;
                settings.set(ViewSetting::Session, Some(&cookie))?;
                cookie
            }
        };
        let feed = Mutex::new(settings.get(ViewSetting::FeedToken)?.map(Zeroizing::new));
        Ok(Self { settings, cookie, tickets: Mutex::default(), feed })
    }

    /// A new one-time ticket.
    pub fn ticket(&self, now: u64) -> Result<Zeroizing<String>, NodeError> {
        let ticket = random_token()?;
        let mut tickets = self.tickets.lock();
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
        self.tickets.lock().remove(ticket).is_some_and(|until| until > now)
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
        self.feed.lock().clone()
    }

    /// The feeds' token; made if there is none.
    pub fn feed_or_new(&self) -> Result<Zeroizing<String>, NodeError> {
        if let Some(token) = self.feed() {
            return Ok(token);
        }
        self.set_feed(true)?;
        Ok(self.feed().unwrap_or_default())
    }

    /// Makes the feeds' token, or revokes it.
    pub fn set_feed(&self, on: bool) -> Result<(), NodeError> {
        let token = if on { Some(random_token()?) } else { None };
        self.settings.set(ViewSetting::FeedToken, token.as_deref().map(String::as_str))?;
        *self.feed.lock() = token;
        Ok(())
    }
}
