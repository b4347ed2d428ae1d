//! What a request has shown of itself.

use std::net::SocketAddr;

/// What a request has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The data folder's token: the command.
    Owner,
    /// The view's cookie: a page. Its writes need the page's token too, since cookies know no
    /// ports and are sent with every request to this host.
    Page,
    /// The token of a frame in a client's page: the view's pages and forms, and nothing else.
    Frame,
    /// A feed's read-only token.
    Feed,
    /// Nothing.
    Nobody,
}

/// Where the caller reached this node, such as `http://nas.local:7667`: its host is one of those that are known.
#[derive(Debug, Clone)]
pub(crate) struct Origin(pub String);

/// The name of the cookie, with the port: cookies of two nodes on one host must not collide.
pub(crate) fn cookie_name(address: SocketAddr) -> String {
    format!("upseed-{}", address.port())
}

/// Compares without telling by its duration how much was right.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
