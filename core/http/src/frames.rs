//! The view inside a client's own page: a frame without an origin, which gets no cookies. So each
//! of its addresses carries a short-lived token, which the page around it asks for.

use std::collections::HashMap;

use parking_lot::{Mutex, MutexGuard};
use sha2::{Digest as _, Sha256};
use upseed_node::{NodeError, random_token};
use zeroize::Zeroizing;

/// Seconds after its last use for which a token is good. An open page uses it all the time.
const GOOD_SECONDS: u64 = 15 * 60;

/// Tokens that are good at the same time: frames open in all tabs, and a few asked for in vain.
const MAX_TOKENS: usize = 64;

/// Letters of a token that the frame's forms carry as their page token.
const PAGE: usize = 32;

/// The tokens that are good. Known by their hashes, so that looking one up tells nothing of it.
#[derive(Default)]
pub(crate) struct Frames(Mutex<Tokens>);

/// Until when each is good, in unix seconds.
type Tokens = HashMap<[u8; 32], u64>;

/// The token of a request from a frame, beside [`crate::access::Access::Frame`].
#[derive(Clone)]
pub(crate) struct FrameToken(pub Zeroizing<String>);

impl FrameToken {
    /// What every form of the frame's pages carries: the beginning of the token, so that the
    /// page's script can renew both at once.
    pub fn page_token(&self) -> &str {
        self.0.get(..PAGE).unwrap_or_default()
    }
}

fn key(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Frames {
    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.0.lock()
    }

    /// A new token. The one that was not used for longest goes when there are too many.
    pub fn mint(&self, now: u64) -> Result<Zeroizing<String>, NodeError> {
        let token = random_token()?;
        let mut tokens = self.tokens();
        tokens.retain(|_, until| *until > now);
        if tokens.len() >= MAX_TOKENS
            && let Some(oldest) = tokens.iter().min_by_key(|(_, until)| **until)
        {
            let oldest = *oldest.0;
            tokens.remove(&oldest);
        }
        tokens.insert(key(&token), now + GOOD_SECONDS);
        Ok(token)
    }

    /// Whether a token is good; then it is so for another while.
    pub fn used(&self, token: &str, now: u64) -> bool {
        let mut tokens = self.tokens();
        match tokens.get_mut(&key(token)) {
            Some(until) if *until > now => {
                *until = now + GOOD_SECONDS;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_for_a_while_after_each_use() {
        let frames = Frames::default();
        let token = frames.mint(1_000).unwrap();
        assert!(frames.used(&token, 1_000 + GOOD_SECONDS - 1));
        assert!(frames.used(&token, 1_000 + 2 * GOOD_SECONDS - 2), "use makes it good again");
        assert!(!frames.used(&token, 1_000 + 4 * GOOD_SECONDS));
        for wrong in ["", "x", &token[1..], &format!("{}0", &*token)] {
            assert!(!frames.used(wrong, 1_000), "{wrong:?}");
        }
    }

    #[test]
    fn bounded() {
        let frames = Frames::default();
        let first = frames.mint(1_000).unwrap();
        let second = frames.mint(1_001).unwrap();
        assert!(frames.used(&first, 1_002));
        for _ in 0..MAX_TOKENS - 1 {
            frames.mint(1_003).unwrap();
        }
        assert!(frames.used(&first, 1_004), "used last");
        assert!(!frames.used(&second, 1_004), "not used for longest");
        assert_eq!(frames.tokens().len(), MAX_TOKENS);
    }
}
