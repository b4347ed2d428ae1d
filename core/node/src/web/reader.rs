//! The reader of a page: who they are, what each page needs to know of them, and how a page that
//! cannot be shown says so.

use axum::{
    extract::{FromRequestParts, Request},
    http::{Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use upseed_model::BoardName;
use upseed_store::{Store, StoreError};
use upseed_view::{Links, Said, Site, Status, Strings, Theme, csp, error};
use zeroize::Zeroizing;

use crate::{
    Node, NodeError,
    clock::now,
    http::{Access, FrameToken, answer::ApiError, same},
};

pub(super) const THEME: &str = "theme";
pub(super) const VOTE_AGREED: &str = "vote-agreed";
pub(super) const INBOX_READ: &str = "inbox-read";

/// Somebody who may see the pages of a node.
pub(super) struct Reader {
    pub node: Node,
    links: Links,
    page_token: Zeroizing<String>,
    theme: Option<Theme>,
    in_frame: bool,
    here: String,
    said: Option<Said>,
}

/// What a page is made of besides its own content; [`Loaded::site`] borrows from it.
pub(super) struct Loaded {
    reader: Reader,
    joined: Vec<BoardName>,
    theme: Theme,
    has_key: bool,
    vote_agreed: bool,
    unread: u32,
    since: u64,
    status: Status,
    /// Members met, by board.
    pub people: Vec<(BoardName, u32, Option<u8>)>,
}

impl FromRequestParts<Node> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Response> {
        let query = parts.uri.query().unwrap_or_default();
        let mut links = Links::new("/upseed/");
        let mut theme = None;
        let page_token = match (parts.extensions.get(), parts.extensions.get::<FrameToken>()) {
            (Some(Access::Owner | Access::Page), _) => {
                Zeroizing::new(node.inner.sessions.page_token())
            }
            (Some(Access::Frame), Some(token)) => {
                links = links.carrying("token", &token.0);
                // The client's page says how it looks.
                let named = query.split('&').find_map(|pair| pair.strip_prefix("theme="));
                theme = named.map(Theme::named).filter(|theme| *theme != Theme::Auto);
                if let Some(theme) = theme {
                    links = links.carrying("theme", theme.as_str());
                }
                Zeroizing::new(token.page_token().to_owned())
            }
            _ => return Err(locked(node, &parts.method, &parts.uri)),
        };
        let said = query.split('&').find_map(|pair| Said::named(pair.strip_prefix("said=")?));
        let here = here(&parts.uri);
        let in_frame = parts.extensions.get() == Some(&Access::Frame);
        Ok(Self { node: node.clone(), links, page_token, theme, in_frame, here, said })
    }
}

/// A page's address below the prefix, without what [`Links`] adds and what was said there.
fn here(uri: &Uri) -> String {
    let path = uri.path().trim_start_matches("/upseed/");
    let added = ["said=", "token=", "theme="];
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !added.iter().any(|name| pair.starts_with(name)))
        .collect();
    match kept.as_slice() {
        [] => path.to_owned(),
        some => format!("{path}?{}", some.join("&")),
    }
}

/// The answer to those who have shown nothing. In a frame it asks for a new token and goes on to
/// the page that was wanted.
fn locked(node: &Node, method: &Method, uri: &Uri) -> Response {
    let mut refused = Refused::new(node, StatusCode::UNAUTHORIZED, "this page is locked");
    if *method == Method::GET {
        refused.here = here(uri);
    }
    refused.into_response()
}

/// The answer to a frame whose token is not good any more: JSON where that was asked for.
pub(crate) fn locked_out(node: &Node, request: &Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return locked(node, request.method(), request.uri());
    }
    let error = "this page was not used for long, or the node was started again";
    ApiError::new(StatusCode::UNAUTHORIZED, error).hint("Do it once more.").into_response()
}

/// Replies that the reader has not seen.
pub(super) fn unread(store: &Store) -> Result<u32, StoreError> {
    let read: u64 = store.setting(INBOX_READ)?.and_then(|time| time.parse().ok()).unwrap_or(0);
    Ok(store.inbox(100)?.iter().filter(|row| row.first_seen > read).count() as u32)
}

/// What the line below every page says.
pub(super) fn shown_status(status: &crate::Status) -> Status {
    Status {
        client: format!("{} ({})", status.client, status.client_version),
        client_there: status.client_online,
        hosted: status.hosted as u32,
        met: status.peers as u32,
        dht_nodes: status.dht_nodes,
    }
}

impl Reader {
    /// Where links lead.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Whether a form carries this page's token.
    pub fn is_ours(&self, token: &str) -> bool {
        same(token, &self.page_token)
    }

    /// Whether the page lies in a client's page: then whoever logs in there sees it, and it does
    /// not show or replace the key.
    pub fn in_frame(&self) -> bool {
        self.in_frame
    }

    /// Another page's address as this one's own: forms shown by a POST come back to it.
    pub fn at(mut self, here: &str) -> Self {
        self.here = here.to_owned();
        self
    }

    /// Looks up what every page shows.
    pub async fn load(self) -> Result<Loaded, Refused> {
        let status = self.node.status().await.map_err(|e| Refused::from_node(&self.node, &e))?;
        let node = self.node.clone();
        let local = node
            .blocking(|node| {
                let store = &node.inner.store;
                let theme = store.setting(THEME)?.map(|word| Theme::named(&word));
                let agreed = store.setting(VOTE_AGREED)?.is_some();
                // Before anything of the page's content is read.
                let since = store.last_item()?;
                Ok((theme.unwrap_or_default(), agreed, unread(store)?, since))
            })
            .await;
        let (theme, vote_agreed, unread, since) =
            local.map_err(|e| Refused::from_node(&self.node, &e))?;
        let people = status
            .boards
            .iter()
            .map(|board| {
                let percent = board
                    .comparing
                    .filter(|(done, total)| done < total)
                    .map(|(done, total)| (done * 100 / total.max(1)) as u8);
                (board.name, board.peers as u32, percent)
            })
            .collect();
        Ok(Loaded {
            joined: status.boards.iter().map(|board| board.name).collect(),
            theme: self.theme.unwrap_or(theme),
            has_key: status.author.is_some(),
            vote_agreed,
            unread,
            since,
            status: shown_status(&status),
            people,
            reader: self,
        })
    }
}

impl Loaded {
    /// The frame of a page.
    pub fn site(&self, board: Option<BoardName>, feed: Option<String>) -> Site<'_> {
        Site {
            links: &self.reader.links,
            strings: Strings::english(),
            now: now(),
            page_token: &self.reader.page_token,
            here: self.reader.here.clone(),
            board,
            joined: self.joined.clone(),
            theme: self.theme,
            has_key: self.has_key,
            vote_agreed: self.vote_agreed,
            unread: self.unread,
            status: self.status.clone(),
            feed,
            since: Some(self.since),
            said: self.reader.said,
        }
    }

    /// The node.
    pub fn node(&self) -> &Node {
        &self.reader.node
    }

    /// Where links lead.
    pub fn links(&self) -> &Links {
        &self.reader.links
    }

    /// The theme that the reader chose.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// The joined boards.
    pub fn joined(&self) -> &[BoardName] {
        &self.joined
    }
}

/// A page as a response, with what the browser must be told.
pub(super) fn html(page: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let headers = response.headers_mut();
    for (name, value) in csp::HEADERS {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    if let Ok(value) = csp::csp("'none'").parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}

/// A page that cannot be shown.
pub(super) struct Refused {
    status: StatusCode,
    message: String,
    hint: Option<String>,
    /// The page that was wanted, below the prefix.
    here: String,
}

impl Refused {
    pub fn new(_node: &Node, status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hint: None, here: String::new() }
    }

    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn from_node(node: &Node, error: &NodeError) -> Self {
        let status = ApiError::status_of(error);
        Self { hint: error.hint(), ..Self::new(node, status, error.to_string()) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let links = Links::new("/upseed/");
        let site = Site {
            links: &links,
            strings: Strings::english(),
            now: now(),
            page_token: "",
            here: self.here,
            board: None,
            joined: Vec::new(),
            theme: Theme::Auto,
            has_key: false,
            vote_agreed: false,
            unread: 0,
            status: Status::default(),
            feed: None,
            since: None,
            said: None,
        };
        let page = error::ErrorPage {
            status: self.status.as_u16(),
            message: self.message,
            hint: self.hint,
        };
        let mut response = html(error::page(&site, &page));
        *response.status_mut() = self.status;
        response
    }
}
