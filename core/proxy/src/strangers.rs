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
use upseed_serve::Hosts;

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
pub(crate) fn stranger(peer: IpAddr, headers: &HeaderMap, host: &str) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if !peer.is_loopback() {
        return Some(peer);
    }
    // Brought by another proxy on this machine. What that says of them cannot be checked, and an
    // address of this machine would open the client.
    (headers::was_forwarded(headers) || !Hosts::is_here(host)).then_some(AFAR)
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
        assert_eq!(stranger(here, &plain, "localhost:7668"), None);
        assert_eq!(stranger("::ffff:127.0.0.1".parse().unwrap(), &plain, "[::1]"), None);
        assert_eq!(stranger(lan, &plain, "localhost:7668"), Some(lan));
        assert_eq!(stranger(here, &plain, "nas.local"), Some(AFAR));
        assert_eq!(stranger(here, &brought, "localhost"), Some(AFAR));
    }
}
