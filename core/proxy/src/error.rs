//! Why the proxy cannot serve.

/// Why the proxy does not start.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The address of the web UI.
    #[error("{url:?} is not the address of a web UI: {why}")]
    Upstream {
        /// The address.
        url: String,
        /// What is wrong.
        why: &'static str,
    },
    /// TLS cannot be set up.
    #[error("the connection to the client cannot be set up")]
    Tls(#[source] reqwest::Error),
    /// The listener is of no use.
    #[error("the proxy's port does not answer")]
    Listen(#[source] std::io::Error),
}
