//! What can go wrong with a request, and what to do about it.

use upseed_reach::Failure;

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There is no answer.
    #[error("qBittorrent cannot be reached at {url}: {failure}")]
    Away {
        /// The web UI's address.
        url: String,
        /// Why.
        failure: Failure,
    },
    /// Not qBittorrent, but a server in front of it.
    #[error(
        "a server in front of it refuses the user name and password of --basic-user, or wants them"
    )]
    Basic,
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
            Self::Away { failure, .. } => failure.hint(),
            Self::Basic => {
                "Give them with --basic-user NAME --basic-password-file FILE: those of the reverse proxy (basic \
                 authentication), not qBittorrent's own."
            }
            Self::Refused(_) => {
                "Check the user name and password. A ban ends by itself (Options, Web UI, \
                 Authentication)."
            }
            Self::Strange { .. } => "Is this the address of a qBittorrent of version 4.5 or later?",
        }
    }
}
