//! What can go wrong with a Transmission, and what to do about it.

use std::path::PathBuf;

use upseed_client::{ClientError, ClientKind};
use upseed_reach::{Failure, NotAnAddress};

/// An error of this bridge.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransmissionError {
    /// The address is none.
    #[error(transparent)]
    Address(NotAnAddress),
    /// There is no answer.
    #[error("it cannot be reached: {why}. {} Upseed tries again by itself", .why.hint())]
    Away {
        /// Why.
        why: Failure,
    },
    /// It has just begun anew.
    #[error("it was restarted just now; Upseed tries again by itself")]
    Restarted,
    /// Name or password are wrong or missing.
    #[error(
        "it refuses the user name or password. Some versions lock everyone out after 100 failed \
         logins, so Upseed tries only now and then: run `upseed connect transmission` with the \
         right ones"
    )]
    Login,
    /// Requests from here are not allowed at all.
    #[error(
        "it refuses requests from this machine (HTTP {0}): allow its address in rpc-whitelist and \
         its name in rpc-host-whitelist. If Transmission locked itself after too many wrong \
         passwords, restart it"
    )]
    Forbidden(u16),
    /// Something answers that is no Transmission.
    #[error("what answers there is not Transmission's RPC: {0}")]
    Foreign(String),
    /// It answered, and said no.
    #[error("it says: {0}")]
    Failed(String),
    /// An older one than is known to work.
    #[error("version {0} is too old: expected 3.00 or later")]
    TooOld(String),
    /// How it goes out is not known.
    #[error(
        "{} cannot be read ({why}), so Upseed does not know which address Transmission is bound \
         to, and stays off the network until it does: let this user read that file, or make a copy \
         with `sudo install -o NAME -m 600 {} COPY` and run `upseed connect transmission \
         --settings COPY`",
        settings.display(), settings.display()
    )]
    Unknown {
        /// Its settings file.
        settings: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A text could not be put in place.
    #[error("{}: {why}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's word.
        why: String,
    },
}

impl TransmissionError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, why: error.to_string() }
    }

    /// Whether the client could not be asked at all.
    pub const fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Away { .. }
                | Self::Restarted
                | Self::Login
                | Self::Forbidden(_)
                | Self::Foreign(_)
        )
    }
}

impl From<NotAnAddress> for TransmissionError {
    fn from(error: NotAnAddress) -> Self {
        Self::Address(error)
    }
}

impl From<Failure> for TransmissionError {
    fn from(why: Failure) -> Self {
        Self::Away { why }
    }
}

impl From<TransmissionError> for ClientError {
    fn from(error: TransmissionError) -> Self {
        Self::new(ClientKind::Transmission, error.to_string())
    }
}
