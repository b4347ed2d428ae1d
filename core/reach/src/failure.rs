//! Why there is no answer, and what to do about it.

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection.
    #[error("nobody answers there ({0})")]
    Away(String),
    /// The certificate is not trusted.
    #[error("its certificate is not trusted ({0})")]
    Certificate(String),
    /// Something that is not TLS was said.
    #[error("there is no TLS at that address ({0})")]
    NoTls(String),
    /// Something that is not HTTP was said, or the answer was cut off.
    #[error("its answer was cut off or is not HTTP ({0})")]
    NotHttp(String),
    /// It took too long.
    #[error("it did not answer in time")]
    Late,
    /// More than is read.
    #[error("its answer is larger than {0} bytes")]
    Large(usize),
    /// It sends us to another host, or to another page.
    #[error("it redirects to {0}")]
    Redirected(String),
}

impl Failure {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Away(_) => {
                "Is it running, and its web interface on? Check the address and the port."
            }
            Self::Certificate(_) => {
                "If it is self-signed, pass it to `upseed connect` with --certificate FILE, in PEM. The host in --url must \
                 be the one in the certificate."
            }
            Self::NoTls(_) => "Begin the address with http://, or check the port.",
            Self::NotHttp(_) => {
                "Check the port. If its web interface speaks TLS, begin the address with https://."
            }
            Self::Late => {
                "It may be busy, or something between here and there may swallow what is sent."
            }
            Self::Large(_) => "Is this the address of that client?",
            Self::Redirected(_) => {
                "If that is its real address, give it as --url. If it is a log-in page, let this machine past it."
            }
        }
    }
}

impl From<&reqwest::Error> for Failure {
    fn from(error: &reqwest::Error) -> Self {
        // reqwest's own words repeat the address; the last of the causes says what happened.
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let reason: String =
            cause.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
        let said = reason.to_ascii_lowercase();
        // As OpenSSL says it: reqwest has no word of its own for it.
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if has(&["certificate", "hostname mismatch"]) {
            Self::Certificate(reason)
        } else if has(&[
            "wrong version number",
            "packet length too long",
            "record layer",
            "http request",
        ]) {
            Self::NoTls(reason)
        } else if error.is_timeout() {
            Self::Late
        } else if error.is_connect() {
            Self::Away(reason)
        } else {
            Self::NotHttp(reason)
        }
    }
}
