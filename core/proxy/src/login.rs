//! Whether a caller is logged in to the client: the client itself is asked, and not too often.

use std::{net::IpAddr, time::Duration};

use upseed_clock::Moment;

use axum::http::{HeaderMap, StatusCode, header};
use parking_lot::{Mutex, MutexGuard};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

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

/// Requests of unknown outcome that are put to such a client at the same time: so many more than
/// [`MAX_REFUSED`] may be refused.
const AT_ONCE: usize = 8;

/// What the client says of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Logged in.
    Yes,
    /// Not.
    No,
}

/// What is known of a client that counts refused requests.
pub(crate) struct Refusals {
    known: Mutex<Known>,
    turns: Semaphore,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { known: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

#[derive(Default)]
struct Known {
    /// Refused since the last one that was not.
    refused: u32,
    /// When a request without credentials was refused.
    wanted: Option<Moment>,
    /// The hash of credentials that were right.
    right: Option<[u8; 32]>,
    /// A request without credentials was let in, and none was refused since.
    open: bool,
}

impl Known {
    fn may_ask(&self, given: Option<[u8; 32]>) -> bool {
        let wanted = self.wanted.is_some_and(|at| at.elapsed() < REMEMBERED);
        self.is_sure(given) || self.refused < MAX_REFUSED && (given.is_some() || !wanted)
    }

    /// Whether such a request was let in the last time.
    fn is_sure(&self, given: Option<[u8; 32]>) -> bool {
        if given.is_some() { self.right == given } else { self.open }
    }
}

fn hash(credentials: &[u8]) -> [u8; 32] {
    Sha256::digest(credentials).into()
}

impl Refusals {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }

    /// Waits until a request may be put to the client; `None` if it is as good as refused. To be
    /// held until the client has answered.
    pub async fn turn(&self, headers: &HeaderMap) -> Option<Turn<'_>> {
        let given = credentials(headers);
        if self.known().is_sure(given) {
            return Some(Turn { _permit: None });
        }
        if !self.known().may_ask(given) {
            return None;
        }
        let permit = self.turns.acquire().await.ok()?;
        // What others asked meanwhile may have told.
        self.known().may_ask(given).then_some(Turn { _permit: Some(permit) })
    }

    /// Learns from an answer of the client. `asked` are the headers of the request.
    pub fn learn(&self, asked: &HeaderMap, status: StatusCode) {
        let given = credentials(asked);
        let mut known = self.known();
        if status == StatusCode::UNAUTHORIZED {
            known.refused = known.refused.saturating_add(1);
            match given {
                None => (known.wanted, known.open) = (Some(Moment::now()), false),
                Some(given) if known.right == Some(given) => known.right = None,
                Some(_) => {}
            }
        } else if status != StatusCode::FORBIDDEN {
            match given {
                // Without credentials something may be let in that needs none at all: that tells
                // nothing of a client that wants them for the rest.
                None => known.open = known.wanted.is_none(),
                given => (known.right, known.refused) = (given, 0),
            }
        }
    }
}

/// Leave to ask the client.
pub(crate) struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

fn credentials(headers: &HeaderMap) -> Option<[u8; 32]> {
    headers.get(header::AUTHORIZATION).map(|given| hash(given.as_bytes()))
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
    let turn = if basic { refusals.turn(caller).await } else { None };
    if basic && turn.is_none() {
        return Ok(Said::No);
    }
    let mut asked = HeaderMap::new();
    for cookie in headers::client_cookies(caller) {
        asked.append(header::COOKIE, cookie);
    }
    for value in caller.get_all(header::AUTHORIZATION) {
        asked.append(header::AUTHORIZATION, value.clone());
    }
    headers::insert_forwarded(&mut asked, from);
    let url = host.at(&host.log_in.path).ok_or(ForwardError::Address)?;
    let answer = forward.ask(host.log_in.method.clone(), url, asked).await?;
    let status = answer.status();
    if basic {
        refusals.learn(caller, status);
    }
    drop(turn);
    let yes = host.log_in.yes.contains(&status.as_u16());
    Ok(if yes { Said::Yes } else { Said::No })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(credentials: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, credentials.parse().unwrap())])
    }

    #[tokio::test]
    async fn never_in_vain() {
        let (refusals, nobody) = (Refusals::default(), HeaderMap::new());
        assert!(refusals.turn(&nobody).await.is_some());
        refusals.learn(&nobody, StatusCode::UNAUTHORIZED);
        assert!(refusals.turn(&nobody).await.is_none(), "not again without credentials");
        assert!(refusals.turn(&with("a")).await.is_some());
    }

    #[tokio::test]
    async fn far_from_the_lock_out() {
        let refusals = Refusals::default();
        refusals.learn(&with("right"), StatusCode::CONFLICT);
        let mut asked = 0;
        for n in 0..1_000 {
            let wrong = with(&format!("wrong {n}"));
            if refusals.turn(&wrong).await.is_some() {
                refusals.learn(&wrong, StatusCode::UNAUTHORIZED);
                asked += 1;
            }
        }
        assert_eq!(asked, MAX_REFUSED);
        // Who was let in before still is, and that lets others try again.
        assert!(refusals.turn(&with("right")).await.is_some());
        refusals.learn(&with("right"), StatusCode::OK);
        assert!(refusals.turn(&with("wrong")).await.is_some());
        // A password that was changed is not the right one any more.
        refusals.learn(&with("right"), StatusCode::UNAUTHORIZED);
        assert_eq!(refusals.known().right, None);
    }

    #[tokio::test]
    async fn a_crowd_takes_turns() {
        let refusals = Refusals::default();
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(refusals.turn(&HeaderMap::new()).await);
        }
        let (nobody, sure) = (HeaderMap::new(), with("right"));
        refusals.learn(&sure, StatusCode::OK);
        assert!(refusals.turn(&sure).await.is_some(), "who was let in does not wait");
        let next = refusals.turn(&nobody);
        tokio::pin!(next);
        let waits = tokio::time::timeout(Duration::from_millis(20), &mut next).await;
        assert!(waits.is_err());
        refusals.learn(&nobody, StatusCode::UNAUTHORIZED);
        turns.clear();
        assert!(next.await.is_none(), "the answer to the others holds for it");
    }
}
