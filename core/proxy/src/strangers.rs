//! Those who are not on this machine.
//!
//! A client that asks nobody on its own machine for a password (qBittorrent's "bypass
//! authentication for clients on localhost", Transmission without authentication) would ask nobody
//! behind this proxy. So before somebody from elsewhere is let through, the client is asked what it
//! does with a stranger.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use upseed_clock::Moment;

use axum::http::HeaderMap;
use tokio::sync::Mutex;
use upseed_serve::{Brought, Hosts, Reached};

use crate::{
    forward::{Forward, ForwardError},
    headers,
    host::Host,
    login::{self, Refusals, Said},
};

/// An address that nobody has (RFC 5737), for a stranger and for those whom another proxy brings.
const AFAR: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// How long an answer holds: the client's settings may change.
const HOLDS: Duration = Duration::from_secs(60);

/// Whether the client lets strangers in.
#[derive(Default)]
pub(crate) struct Strangers(Mutex<Option<(Moment, bool)>>);

/// Who a request says it is from, as the client is told. `None`: this machine.
pub(crate) fn stranger(peer: IpAddr, headers: &HeaderMap, ours: &Reached) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    match ours.brought {
        // An address of this machine would open the client, and a proxy may have been told that by anybody.
        Some(Brought::From(ip)) if !ip.is_loopback() && !ip.is_unspecified() => return Some(ip),
        Some(_) => return Some(AFAR),
        None => {}
    }
    if !peer.is_loopback() {
        return Some(peer);
    }
    // Brought by another proxy on this machine. What that says of them cannot be checked, and an
    // address of this machine would open the client.
    (headers::was_forwarded(headers) || !Hosts::is_here(&ours.host)).then_some(AFAR)
}

impl Strangers {
    /// Whether the client refuses somebody from elsewhere without a password.
    pub async fn are_refused(
        &self,
        host: &Host,
        forward: &Forward,
        refusals: &Refusals,
    ) -> Result<bool, ForwardError> {
        // One asks, the others wait for the answer.
        let mut known = self.0.lock().await;
        if let Some((at, refused)) = *known
            && at.elapsed() < HOLDS
        {
            return Ok(refused);
        }
        let said = login::ask(host, forward, refusals, &HeaderMap::new(), AFAR).await?;
        let refused = said == Said::No;
        *known = Some((Moment::now(), refused));
        Ok(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_one() {
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        let lan: IpAddr = "10.0.0.7".parse().unwrap();
        let plain = HeaderMap::new();
        let brought = HeaderMap::from_iter([(
            "x-forwarded-for".parse().unwrap(),
            "127.0.0.1".parse().unwrap(),
        )]);
        let by = |host: &str, brought| Reached {
            secure: false,
            host: host.into(),
            prefix: String::new(),
            brought,
        };
        let who = |peer, headers: &HeaderMap, host: &str| stranger(peer, headers, &by(host, None));
        assert_eq!(who(here, &plain, "localhost:7668"), None);
        assert_eq!(who("::ffff:127.0.0.1".parse().unwrap(), &plain, "[::1]"), None);
        assert_eq!(who(lan, &plain, "localhost:7668"), Some(lan));
        assert_eq!(who(here, &plain, "nas.local"), Some(AFAR));
        assert_eq!(who(here, &brought, "localhost"), Some(AFAR));
        for (said, told) in [
            (Brought::From(lan), lan),
            (Brought::From(here), AFAR),
            (Brought::From("0.0.0.0".parse().unwrap()), AFAR),
            (Brought::Unknown, AFAR),
        ] {
            let ours = by("localhost", Some(said));
            assert_eq!(stranger(here, &plain, &ours), Some(told), "{said:?}");
        }
    }
}
