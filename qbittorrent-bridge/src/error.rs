//! What can go wrong with a request, and what to do about it.

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody answers there.
    #[error("{url} does not answer: {reason}")]
    Away {
        /// The web UI's address.
        url: String,
        /// The system's word.
        reason: String,
    },
    /// An https web UI whose certificate is not trusted here.
    #[error("the certificate of {url} is not trusted: {reason}")]
    Certificate {
        /// The web UI's address.
        url: String,
        /// What TLS says.
        reason: String,
    },
    /// User or password is wrong; or this address is banned for a while.
    #[error("it refuses the login: {0}")]
    Refused(String),
    /// An answer that no qBittorrent gives.
    #[error("{path} was answered with {answer}")]
    Strange {
        /// What was asked for.
        path: String,
        /// What came.
        answer: String,
    },
}

impl ApiError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Away { .. } => {
                "Is qBittorrent running, and its web UI on (Options, Web UI)? Check the address."
            }
            Self::Certificate { .. } => {
                "If it is self-signed, pass it: upseed connect qbittorrent --certificate FILE (the \
                 PEM file of Options, Web UI, HTTPS). The host in --url must be the one in the \
                 certificate."
            }
            Self::Refused(_) => {
                "Check the user name and password. A ban ends by itself (Options, Web UI, \
                 Authentication)."
            }
            Self::Strange { .. } => "Is this the address of a qBittorrent of version 4.5 or later?",
        }
    }
}
