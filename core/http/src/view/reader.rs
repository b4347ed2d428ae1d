//! The reader of a page: who they are, and what each page needs to know of them.

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use upseed_model::BoardName;
use upseed_node::{Node, NodeError, ViewSetting, now};
use upseed_serve::Reached;
use upseed_view::{Flash, Links, Site, Status, Strings, Theme};
use zeroize::Zeroizing;

use super::{
    address::here,
    refusal::{locked, refused},
};
use crate::{
    access::{self, Access, same},
    frames::FrameToken,
    server::Server,
};

/// Somebody who may see the pages of a node.
pub(super) struct Reader {
    server: Server,
    origin: String,
    links: Links,
    page_token: Zeroizing<String>,
    theme: Option<Theme>,
    in_frame: bool,
    here: String,
    flash: Option<Flash>,
}

/// What a page is made of besides its own content; [`Loaded::site`] borrows from it.
pub(super) struct Loaded {
    reader: Reader,
    joined: Vec<BoardName>,
    theme: Theme,
    is_compact: bool,
    asks_name: bool,
    has_key: bool,
    vote_agreed: bool,
    unread: u32,
    since: u64,
    status: upseed_node::Status,
}

impl FromRequestParts<Server> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Response> {
        let query = parts.uri.query().unwrap_or_default();
        // Always there: the guard put it in.
        let reached =
            parts.extensions.get::<Reached>().ok_or_else(|| locked(&parts.method, &parts.uri))?;
        let mut links = access::links(reached);
        let mut theme = None;
        let page_token = match (parts.extensions.get(), parts.extensions.get::<FrameToken>()) {
            (Some(Access::Owner | Access::Page), _) => {
                Zeroizing::new(server.sessions().page_token())
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
            _ => return Err(locked(&parts.method, &parts.uri)),
        };
        let flash = query.split('&').find_map(|pair| Flash::named(pair.strip_prefix("said=")?));
        let here = here(&parts.uri);
        let in_frame = parts.extensions.get() == Some(&Access::Frame);
        let origin = reached.origin();
        Ok(Self { server: server.clone(), origin, links, page_token, theme, in_frame, here, flash })
    }
}

/// Replies that the reader has not seen.
pub(super) fn unread(node: &Node) -> Result<u32, NodeError> {
    node.unread(inbox_read(node)?)
}

/// When the reader has last looked at their replies, in unix seconds; 0 before.
pub(super) fn inbox_read(node: &Node) -> Result<u64, NodeError> {
    let read = node.view_settings().get(ViewSetting::InboxRead)?;
    Ok(read.and_then(|time| time.parse().ok()).unwrap_or(0))
}

/// What the line below every page says.
pub(super) fn shown_status(status: &upseed_node::Status) -> Status {
    Status {
        client: format!("{} ({})", status.client, status.client_version),
        client_there: status.client_online,
        hosted: status.hosted as u32,
        asked: status.asked as u32,
        met: status.peers as u32,
        dht_nodes: status.dht_nodes,
        reachable: status.reachable,
        outside_port: status.outside_port,
        clock: status.clock.as_ref().map(|(_, told)| told.clone()),
    }
}

impl Reader {
    /// The node.
    pub fn node(&self) -> &Node {
        self.server.node()
    }

    /// The server that the page comes from.
    pub fn server(&self) -> &Server {
        &self.server
    }

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
    pub async fn load(self) -> Result<Loaded, Response> {
        let status = self.node().status().await.map_err(refused)?;
        let author = status.author;
        let local = self.node().blocking(move |node| {
            let settings = node.view_settings();
            let theme = settings.get(ViewSetting::Theme)?.map(|word| Theme::named(&word));
            let compact = settings.has(ViewSetting::Compact)?;
            let asks_name = !settings.has(ViewSetting::NameAsked)?
                && match author {
                    Some(key) => node.profile_of(&key)?.name.is_empty(),
                    None => true,
                };
            let agreed = settings.has(ViewSetting::VoteAgreed)?;
            // Before anything of the page's content is read.
            let since = node.last_item()?;
            Ok(((theme.unwrap_or_default(), compact), (agreed, asks_name), unread(node)?, since))
        });
        let ((theme, is_compact), (vote_agreed, asks_name), unread, since) =
            local.await.map_err(refused)?;
        Ok(Loaded {
            joined: status.boards.iter().map(|board| board.name).collect(),
            theme: self.theme.unwrap_or(theme),
            is_compact,
            asks_name,
            has_key: status.author.is_some(),
            vote_agreed,
            unread,
            since,
            status,
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
            is_compact: self.is_compact,
            asks_name: self.asks_name,
            has_key: self.has_key,
            vote_agreed: self.vote_agreed,
            unread: self.unread,
            status: shown_status(&self.status),
            feed,
            since: Some(self.since),
            visited: None,
            flash: self.reader.flash,
        }
    }

    /// The node.
    pub fn node(&self) -> &Node {
        self.reader.node()
    }

    /// The server that the page comes from.
    pub fn server(&self) -> &Server {
        &self.reader.server
    }

    /// Where the reader reached this node.
    pub fn origin(&self) -> &str {
        &self.reader.origin
    }

    /// Where links lead.
    pub fn links(&self) -> &Links {
        &self.reader.links
    }

    /// The theme that the reader chose.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// Whether the reader chose to see more on one screen.
    pub fn is_compact(&self) -> bool {
        self.is_compact
    }

    /// The joined boards.
    pub fn joined(&self) -> &[BoardName] {
        &self.joined
    }

    /// How the node stood when the page was begun.
    pub fn status(&self) -> &upseed_node::Status {
        &self.status
    }

    /// Members met, by board, and the percentage of the comparison under way there.
    pub fn people(&self) -> impl Iterator<Item = (BoardName, u32, Option<u8>)> + Clone {
        self.status.boards.iter().map(|board| {
            let under_way = board.comparing.filter(|(done, total)| done < total);
            let percent = under_way.map(|(done, total)| (done * 100 / total.max(1)) as u8);
            (board.name, board.peers as u32, percent)
        })
    }
}
