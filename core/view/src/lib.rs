//! The rank view: HTML and RSS rendered from values.
//!
//! *Architecture invariant:* it knows no SQL, no HTTP server, no clock and no rank arithmetic. The
//! node makes the values (one struct for each page), the view makes text. It depends on
//! upseed-model for names of things only.
//!
//! Every page works without script, by forms that the node answers with a redirect; the script
//! makes them quick and live. Nothing a person wrote reaches a page unescaped, and no page has
//! inline script or style, so that [`csp`] can forbid both.
//!
//! # In a client's page
//! The host page (the proxy's script, or Deluge's plugin) puts the view into
//! `<iframe sandbox="allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox
//! allow-downloads" src="/upseed/?token=…&theme=dark">`. Without `allow-same-origin` the view's
//! origin is "null": it has no cookies and cannot touch the client's page. So:
//! - the host page asks the node for a short-lived token (with the client's own log-in) and puts it
//!   in the frame's address; the node renders with [`Links::carrying`] and so hands it on;
//! - when the script's requests are refused (401) it says `{upseed: "token?"}` to its parent, which
//!   answers `{upseed: "token", token: "…"}`; the script puts that into every address of the page;
//! - `{upseed: "theme", theme: "dark"}` from the parent changes the colours at once;
//! - the node answers requests that carry such a token with
//!   `Access-Control-Allow-Origin: null`, and assets with [`assets::HEADERS`];
//! - the forms of a page carry the first 32 letters of its token as their page token, so that both
//!   are renewed at once; the page around answers "token?" only so often, so that this ends.
//! # What a person wrote, as HTML
//! ```
//! use upseed_view::{Links, Strings, markdown};
//!
//! let text = "Read *this*, not <script>alert(1)</script>.";
//! let html = markdown::html(text).into_string();
//! assert!(html.contains("<em>this</em>") && !html.contains("<script>"));
//!
//! // Pages below /upseed in a client's web UI; words in English.
//! assert_eq!(Links::new("/upseed").home(), "/upseed/");
//! assert_eq!(Strings::english().age(1_800_000_000, 1_800_007_200), "2 h ago");
//! ```

mod action;
pub mod assets;
pub mod boards;
pub mod composer;
pub mod csp;
mod direction;
pub mod error;
pub mod feed;
pub mod front;
pub mod inbox;
pub mod item;
pub mod kept;
pub mod labels;
pub mod language;
pub mod links;
mod list;
pub mod markdown;
pub mod me;
pub mod moderation;
pub mod moderators;
pub mod nothing;
pub mod open;
pub mod page;
pub mod people;
pub mod person;
pub mod retract;
pub mod search;
pub mod share;
pub mod starters;
pub mod strings;
pub mod thread;
pub mod time;
pub mod welcome;
pub mod why;

pub use action::Action;
pub use item::{Fold, Hosts, ItemUpdate, ItemView, LabelView, Text, Vote};
pub use links::{FeedOf, Links, ListQuery, Wrote};
pub use page::{Flash, Site, Status, Theme};
pub use person::{Person, Relation};
pub use strings::Strings;
