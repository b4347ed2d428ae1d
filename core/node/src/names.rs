//! Host names that the user gave. DNS may be away when a node starts, and what it says may change.

use std::{io, net::SocketAddr, time::Duration};

/// Longest pause between two tries.
const LAST: Duration = Duration::from_secs(60);

/// A pause that is doubled each time, up to a minute.
#[derive(Debug)]
pub(crate) struct Pause {
    first: Duration,
    next: Duration,
}

impl Pause {
    pub const fn from(first: Duration) -> Self {
        Self { first, next: first }
    }

    /// How long to wait this time.
    pub fn take(&mut self) -> Duration {
        let next = self.next;
        self.next = (next * 2).min(LAST);
        next
    }

    /// The next one is short again.
    pub fn begin_again(&mut self) {
        self.next = self.first;
    }
}

/// The addresses of "host:port". What is one itself is not looked up.
pub(crate) async fn look_up(name: &str) -> io::Result<Vec<SocketAddr>> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host(name).await?.collect();
    if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute() {
        let mut pause = Pause::from(Duration::from_secs(1));
        let seconds: Vec<u64> = (0..8).map(|_| pause.take().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        pause.begin_again();
        assert_eq!(pause.take().as_secs(), 1);
    }
}
