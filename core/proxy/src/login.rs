//! Whether a caller is logged in to the client: the client itself is asked, and not too often.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::{
    forward::{Forward, ForwardError},
    headers,
    host::Host,
};

/// How long it is remembered that a client wants a password before one without is asked again.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Refused requests in a row after which only a password that was right before is passed on.
/// Transmission 3.00 locks everybody out at 100, until it is started again.
const MAX_REFUSED: u32 = 80;

/// What the client says of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Logged in.
    Yes,
    /// Not.
    No,
}

/// What is known of a client that counts refused requests.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Refused since the last one that was not.
    refused: u32,
    /// When a request without credentials was refused.
    wanted: Option<Instant>,
    /// The hash of credentials that were right.
    right: Option<[u8; 32]>,
}

fn hash(credentials: &[u8]) -> [u8; 32] {
    Sha256::digest(credentials).into()
}

impl Refusals {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client was seen to refuse those without credentials, not long ago.
    pub fn wants_credentials(&self) -> bool {
        self.known().wanted.is_some_and(|at| at.elapsed() < REMEMBERED)
    }

    /// Whether a request may be put to the client; else it is as good as refused.
    pub fn may_ask(&self, headers: &HeaderMap) -> bool {
        let Some(given) = headers.get(header::AUTHORIZATION) else {
            return !self.wants_credentials() && self.known().refused < MAX_REFUSED;
        };
        let known = self.known();
        known.refused < MAX_REFUSED || known.right == Some(hash(given.as_bytes()))
    }

    /// Learns from an answer of the client. `asked` are the headers of the request.
    pub fn learn(&self, asked: &HeaderMap, status: StatusCode) {
        let given = asked.get(header::AUTHORIZATION).map(|given| hash(given.as_bytes()));
        let mut known = self.known();
        if status == StatusCode::UNAUTHORIZED {
            known.refused = known.refused.saturating_add(1);
            match given {
                None => known.wanted = Some(Instant::now()),
                Some(given) if known.right == Some(given) => known.right = None,
                Some(_) => {}
            }
        } else if status != StatusCode::FORBIDDEN && given.is_some() {
            known.refused = 0;
            known.right = given;
        }
    }
}

/// Asks the client about somebody: with their own cookies and credentials, as from `from`.
pub(crate) async fn ask(
    host: &Host,
    forward: &Forward,
    refusals: &Refusals,
    caller: &HeaderMap,
    from: IpAddr,
) -> Result<Said, ForwardError> {
    let basic = host.log_in.realm.is_some();
    if basic && !refusals.may_ask(caller) {
        return Ok(Said::No);
    }
    let mut asked = HeaderMap::new();
    let credentials: [HeaderName; 2] = [header::COOKIE, header::AUTHORIZATION];
    for name in credentials {
        for value in caller.get_all(&name) {
            asked.append(&name, value.clone());
        }
    }
    headers::insert_forwarded(&mut asked, from);
    let url = host.at(&host.log_in.path).ok_or(ForwardError::Address)?;
    let answer = forward.ask(host.log_in.method.clone(), url, asked).await?;
    let status = answer.status();
    if basic {
        refusals.learn(caller, status);
    }
    let yes = host.log_in.yes.contains(&status.as_u16());
    Ok(if yes { Said::Yes } else { Said::No })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(credentials: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, credentials.parse().unwrap())])
    }

    #[test]
    fn never_in_vain() {
        let (refusals, nobody) = (Refusals::default(), HeaderMap::new());
        assert!(refusals.may_ask(&nobody));
        refusals.learn(&nobody, StatusCode::UNAUTHORIZED);
        assert!(refusals.wants_credentials());
        assert!(!refusals.may_ask(&nobody), "not again without credentials");
        assert!(refusals.may_ask(&with("a")));
    }

    #[test]
    fn far_from_the_lock_out() {
        let refusals = Refusals::default();
        refusals.learn(&with("right"), StatusCode::CONFLICT);
        let mut asked = 0;
        for n in 0..1_000 {
            let wrong = with(&format!("wrong {n}"));
            if refusals.may_ask(&wrong) {
                refusals.learn(&wrong, StatusCode::UNAUTHORIZED);
                asked += 1;
            }
        }
        assert_eq!(asked, MAX_REFUSED);
        // Who was let in before still is, and that lets others try again.
        assert!(refusals.may_ask(&with("right")));
        refusals.learn(&with("right"), StatusCode::OK);
        assert!(refusals.may_ask(&with("wrong")));
        // A password that was changed is not the right one any more.
        refusals.learn(&with("right"), StatusCode::UNAUTHORIZED);
        assert_eq!(refusals.known().right, None);
    }
}
