//! What a request has shown of itself.

use std::net::SocketAddr;

use upseed_serve::Reached;
use upseed_view::Links;

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

/// The view's addresses, as they are for this caller.
pub(crate) fn links(reached: &Reached) -> Links {
    Links::new(&format!("{}/upseed/", reached.prefix))
}

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
