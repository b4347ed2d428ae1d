//! Writing a post or a reply.

use maud::{Markup, html};
use upseed_model::{
    BoardName, Infohash,
    limits::{MAX_NAME, MAX_TEXT, MAX_TITLE},
};

use crate::{Action, ItemView, Site, item, markdown, page, person};

/// What somebody is writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composer {
    /// Post or reply.
    pub to: To,
    /// As typed so far.
    pub title: String,
    /// As typed so far.
    pub text: String,
    /// As typed so far; asked only while there is no key.
    pub name: String,
    /// Show what the text will look like.
    pub preview: bool,
    /// The reader's own item that this takes the place of.
    pub replaces: Option<Infohash>,
    /// Why it was not published, in the node's words.
    pub error: Option<String>,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// A post; the board as typed so far.
    Board(String),
    /// An answer to an item.
    Reply(Infohash),
}

impl Composer {
    /// An empty one.
    pub fn new(to: To) -> Self {
        let [title, text, name] = <[String; 3]>::default();
        Self { to, title, text, name, preview: false, replaces: None, error: None }
    }

    /// Nothing is written yet.
    fn is_empty(&self) -> bool {
        self.title.is_empty() && self.text.is_empty()
    }

    /// An empty one for a post.
    pub fn post(board: Option<&BoardName>) -> Self {
        Self::new(To::Board(board.map(BoardName::to_string).unwrap_or_default()))
    }
}

/// The page: for a post, or with the item that is answered.
pub fn page(site: &Site<'_>, composer: &Composer, answers: Option<&ItemView>) -> String {
    let strings = site.strings;
    let title = match (composer.replaces, answers) {
        (Some(_), _) => &strings.edit_title,
        (None, Some(_)) => &strings.write_reply,
        (None, None) => &strings.write_post,
    };
    page::page(
        site,
        title,
        html! {
            h1 { (title) }
            @if composer.replaces.is_some() { p.note { (strings.edit_text) } }
            @if let Some(answered) = answers {
                article.quoted {
                    // A comment's row would begin with its text.
                    @if answered.title.is_some() { ol.list { (item::row(site, answered)) } }
                    @else { p.mt { (person::link(site, &answered.author)) " " (item::age(site, answered.time)) } }
                    (item::body(site, answered))
                }
            }
            @if composer.preview {
                section.preview aria-label=(strings.preview) {
                    h2 { (strings.preview) }
                    @if !composer.title.is_empty() { p.title dir="auto" { (composer.title) } }
                    div.md { (markdown::html(&composer.text)) }
                }
            }
            (form(site, composer))
        },
    )
}

/// The form alone. The script sends it in place and moves it below the comment that is answered.
pub(crate) fn form(site: &Site<'_>, composer: &Composer) -> Markup {
    let strings = site.strings;
    html! {
        form.compose method="post" action=(site.links.action(Action::Publish))
            data-draft=(site.links.action(Action::Draft)) data-lost=(strings.draft_lost)
        {
            (site.hidden(&site.here))
            // The script's name for this piece of work, which its progress is reported under.
            input type="hidden" name="job";
            @if let Some(old) = &composer.replaces { input type="hidden" name="replaces" value=(old); }
            @if let Some(error) = &composer.error { p.error role="alert" { (error) } }
            @if let Some(clock) = &site.status.clock { p.error role="alert" { (clock) "." } }
            @match &composer.to {
                To::Reply(parent) => input type="hidden" name="parent" value=(parent);,
                To::Board(board) => {
                    label {
                        (strings.board)
                        input name="board" required list="joined" value=(board) maxlength="40"
                            pattern="[a-z0-9][a-z0-9\\-]{0,39}" title=(strings.boards_help)
                            autocapitalize="none" autocomplete="off" spellcheck="false";
                    }
                    datalist #joined { @for board in &site.joined { option value=(board) {} } }
                    label {
                        (strings.title)
                        input name="title" required dir="auto" value=(composer.title)
                            data-max=(MAX_TITLE) autocomplete="off";
                    }
                    p.left aria-live="polite" {}
                }
            }
            label {
                (strings.text)
                textarea name="text" required dir="auto" rows="8" data-max=(MAX_TEXT) {
                    // A browser drops the first line break of a textarea.
                    @if composer.text.starts_with('\n') { "\n" }
                    (composer.text)
                }
            }
            p.left aria-live="polite" {}
            @if site.asks_name {
                label {
                    (strings.your_name)
                    input name="name" dir="auto" value=(composer.name) data-max=(MAX_NAME) autocomplete="nickname";
                }
                p.left aria-live="polite" {}
            }
            @if !site.has_key { p.fine { (strings.first_key) } }
            p.buttons {
                button name="do" value="publish" {
                    (match (composer.replaces, &composer.to) {
                        (Some(_), _) => &strings.edit_do,
                        (None, To::Reply(_)) => &strings.publish_comment,
                        (None, To::Board(_)) => &strings.publish_post,
                    })
                }
                button.quiet name="do" value="preview" { (strings.preview) }
                button.quiet name="do" value="discard" formnovalidate hidden[composer.is_empty()] { (strings.draft_discard) }
                span.kept.fine role="status" hidden { (strings.draft_kept) }
                span.work hidden role="status" { progress aria-label=(strings.working) max="100" {} " " (strings.working) }
            }
            p.fine { (strings.text_help) " " (strings.for_ever) }
        }
    }
}
