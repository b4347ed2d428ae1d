//! How a command fails: a message, a hint, an exit code.

use std::path::Path;

use clap::error::ErrorKind;
use upseed_node::{FolderError, Kind, NodeError};

use crate::print::{self, err};

/// The user can mend it.
const USER: u8 = 1;
/// It was typed wrongly; clap's own code too.
const USAGE: u8 = 2;
/// A fault of ours.
const FAULT: u8 = 3;

/// What to do about a fault of ours.
pub(crate) const REPORT: &str =
    "  This is a fault of Upseed's; please report it with this message.";

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
    /// Already told, as part of an answer.
    told: bool,
}

/// What a command comes to.
pub(crate) type Done = Result<(), Failure>;

impl Failure {
    pub fn user(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: USER, told: false }
    }

    pub fn fault(message: impl Into<String>) -> Self {
        Self { code: FAULT, ..Self::user(message) }
    }

    /// What clap says of wrong arguments, in the form of all other failures.
    pub fn usage(error: &clap::Error) -> Self {
        let code = USAGE;
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            // It is rendered as the whole help.
            return Self { code, ..Self::user("something is missing after the last word") }
                .hint("Try the same with --help.");
        }
        let rendered = error.render().to_string();
        let mut paragraphs = rendered.split("\n\n").map(|paragraph| {
            let words: Vec<&str> = paragraph.split_whitespace().collect();
            words.join(" ")
        });
        let message = paragraphs.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        // A tip if there is one, else the usage.
        let hint = paragraphs.next().filter(|hint| !hint.is_empty());
        let hint = hint.map(|hint| hint.strip_prefix("tip: ").unwrap_or(&hint).to_owned());
        Self { code, ..Self::user(message) }.maybe_hint(hint)
    }

    /// The answer itself says what failed; only the exit code is left to give.
    pub fn told(fault: bool) -> Self {
        Self { told: true, code: if fault { FAULT } else { USER }, ..Self::user("") }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// A file that cannot be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::user(format!("{}: {error}", path.display()))
    }

    /// What was wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn code(&self) -> u8 {
        self.code
    }

    pub fn print(&self, json: bool) {
        if self.told {
            return;
        }
        if json {
            let error = serde_json::json!({ "error": self.message, "hint": self.hint });
            err(&error.to_string());
            return;
        }
        print::error(&self.message);
        if let Some(hint) = &self.hint {
            print::hint(hint);
        }
        if self.code == FAULT {
            err(REPORT);
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        NodeError::from(error).into()
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let code = match error.kind() {
            Kind::User => USER,
            Kind::Fault => FAULT,
        };
        Self { message: error.to_string(), hint: error.hint(), code, told: false }
    }
}
