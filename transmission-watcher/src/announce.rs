//! What a tracker answers, in bencode (BEP 3, 7, 23 and 48).

use std::{collections::BTreeMap, net::IpAddr};

use serde::Serialize;
use serde_bytes::ByteBuf;
use upseed_model::Infohash;

/// Seconds between announces; a text is there long before.
const INTERVAL: u64 = 120;

/// The engine and nobody else.
#[derive(Serialize)]
pub(crate) struct Announced {
    complete: u8,
    incomplete: u8,
    interval: u64,
    /// Six bytes for each IPv4 address and its port.
    peers: ByteBuf,
    /// Eighteen bytes for each IPv6 address and its port.
    peers6: Option<ByteBuf>,
}

impl Announced {
    /// One engine, by every address that leads to it.
    pub fn new(ways: &[IpAddr], port: u16) -> Self {
        let port = port.to_be_bytes();
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for ip in ways {
            match ip.to_canonical() {
                IpAddr::V4(ip) => four.extend_from_slice(&[&ip.octets()[..], &port].concat()),
                IpAddr::V6(ip) => six.extend_from_slice(&[&ip.octets()[..], &port].concat()),
            }
        }
        Self {
            complete: 1,
            incomplete: 0,
            interval: INTERVAL,
            peers: ByteBuf::from(four),
            peers6: (!six.is_empty()).then(|| ByteBuf::from(six)),
        }
    }
}

/// Why there are no peers.
#[derive(Serialize)]
pub(crate) struct Failed {
    #[serde(rename = "failure reason")]
    reason: &'static str,
}

impl Failed {
    /// The torrent is none that this tracker was given.
    pub const fn unknown() -> Self {
        Self { reason: "unknown" }
    }
}

/// How many have a torrent.
#[derive(Serialize)]
pub(crate) struct Scraped {
    files: BTreeMap<ByteBuf, Counts>,
}

#[derive(Serialize)]
struct Counts {
    complete: u8,
    downloaded: u8,
    incomplete: u8,
}

impl Scraped {
    /// The engine has it, if it is known.
    pub fn of(known: Option<Infohash>) -> Self {
        let counts = |item: Infohash| {
            (
                ByteBuf::from(item.as_bytes().to_vec()),
                Counts { complete: 1, downloaded: 0, incomplete: 0 },
            )
        };
        Self { files: known.map(counts).into_iter().collect() }
    }
}

/// The answer's bytes.
pub(crate) fn encode(answer: &impl Serialize) -> Vec<u8> {
    match serde_bencode::to_bytes(answer) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("strings, integers and dictionaries are bencode: {error}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_families() {
        let peers = |ways: &[&str]| {
            let ways: Vec<IpAddr> = ways.iter().map(|ip| ip.parse().unwrap()).collect();
            encode(&Announced::new(&ways, 258))
        };
        let head = "d8:completei1e10:incompletei0e8:intervali120e";
        let golden = |rest: &[u8]| [head.as_bytes(), rest].concat();
        assert_eq!(
            peers(&["2001:db8::1"]),
            golden(b"5:peers0:6:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\x02e")
        );
        assert_eq!(
            peers(&["10.0.0.1", "10.0.0.2"]),
            golden(b"5:peers12:\x0a\0\0\x01\x01\x02\x0a\0\0\x02\x01\x02e")
        );
        assert_eq!(peers(&[]), golden(b"5:peers0:e"));
    }

    #[test]
    fn a_scrape() {
        assert_eq!(encode(&Scraped::of(None)), b"d5:filesdee");
        let known = encode(&Scraped::of(Some(Infohash::from_bytes([0xab; 20]))));
        let counts = b"d8:completei1e10:downloadedi0e10:incompletei0eeee";
        assert_eq!(known, [&b"d5:filesd20:"[..], &[0xab; 20], counts].concat());
    }
}
