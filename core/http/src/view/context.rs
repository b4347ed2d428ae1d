//! The view's values, out of the node's rows.

use std::collections::{HashMap, HashSet};

use upseed_model::{HostingState, Infohash, PublicKey, WorkId, moderation::LabelAction};
use upseed_node::{ItemRow, Node, NodeError, Reasons, Verdict, now};
use upseed_view::{
    Fold, Hosts, ItemView, LabelView, Person, Relation, Text, Vote,
    why::{PlaceView, Through, WhyView},
};

/// Seconds after which a text that nobody gave is said to have no host.
const PATIENCE: u64 = 30;

/// Said of an upvoted item that the client had and has no more.
const LOST: &str = "your client has lost it; on your own page you say what to do";

/// Seconds after which an item without any host is folded away.
const FOLD_AFTER: u64 = 86_400;

/// What the reader knows of people and threads, looked up once for a page.
pub(crate) struct ViewContext<'a> {
    node: &'a Node,
    me: Option<PublicKey>,
    follows: HashSet<PublicKey>,
    mutes: HashSet<PublicKey>,
    names: HashMap<PublicKey, String>,
    /// The keys that people have now, and whether there is none any more.
    current: HashMap<PublicKey, (PublicKey, bool)>,
    /// Of posts; none for one that is not here.
    titles: HashMap<Infohash, Option<String>>,
    now: u64,
}

impl<'a> ViewContext<'a> {
    pub fn open(node: &'a Node) -> Result<Self, NodeError> {
        Ok(Self {
            node,
            me: node.identity().public(),
            follows: node.follows()?.into_iter().collect(),
            mutes: node.mutes()?.into_iter().collect(),
            names: HashMap::new(),
            current: HashMap::new(),
            titles: HashMap::new(),
            now: now(),
        })
    }

    /// Whether the reader follows anybody.
    pub fn follows_nobody(&self) -> bool {
        self.follows.is_empty()
    }

    /// Somebody with the key that they have now.
    pub fn person(&mut self, key: PublicKey) -> Result<Person, NodeError> {
        let (key, has_ended) = match self.current.get(&key) {
            Some(known) => *known,
            None => {
                let current = match self.node.succession(&key)? {
                    Some(said) => (said.current.unwrap_or(key), said.current.is_none()),
                    None => (key, false),
                };
                self.current.insert(key, current);
                current
            }
        };
        let name = match self.names.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.node.profile_of(&key)?.name;
                self.names.insert(key, name.clone());
                name
            }
        };
        let relation = if self.me == Some(key) {
            Relation::You
        } else if self.mutes.contains(&key) {
            Relation::Muted
        } else if self.follows.contains(&key) {
            Relation::Followed
        } else if has_ended {
            Relation::Ended
        } else {
            Relation::Stranger
        };
        Ok(Person { key, name, relation })
    }

    /// A post's title, if it is here.
    pub fn title(&mut self, post: Infohash) -> Result<Option<String>, NodeError> {
        if let Some(title) = self.titles.get(&post) {
            return Ok(title.clone());
        }
        let header = self.node.header(&post)?;
        let title = header.and_then(|item| item.title().map(str::to_owned));
        self.titles.insert(post, title.clone());
        Ok(title)
    }

    pub fn item(&mut self, row: ItemRow) -> Result<ItemView, NodeError> {
        let found = self.node.verdicts(&[row.item.work()])?.into_values().next();
        self.labelled(row, found.unwrap_or_default())
    }

    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// The labels of an item, for the reader.
    fn labels(&mut self, verdicts: Vec<Verdict>) -> Result<Vec<LabelView>, NodeError> {
        let label = |verdict: Verdict| {
            let Verdict { action, labeller, value, reason, .. } = verdict;
            Ok(LabelView { by: self.person(labeller)?, value, reason, action })
        };
        verdicts.into_iter().map(label).collect()
    }

    fn labelled(&mut self, row: ItemRow, verdicts: Vec<Verdict>) -> Result<ItemView, NodeError> {
        let folds = verdicts.first().is_some_and(|first| first.action > LabelAction::Mark);
        let labels = self.labels(verdicts)?;
        let (hidden_by_reader, asks, saved) = (row.hidden_by_user, row.asks, row.saved);
        let own = row.mine && !row.retracted;
        let author = self.person(row.item.author())?;
        let muted = author.relation == Relation::Muted;
        let id = row.item.infohash();
        let root = match row.item.root() {
            Some(root) => Some((root.infohash, self.title(root.infohash)?)),
            None => {
                // Its comments come next.
                self.titles.insert(id, row.item.title().map(str::to_owned));
                None
            }
        };
        let fresh = self.now < row.first_seen + PATIENCE;
        let vote = self.vote(&row)?;
        let unhosted = row.text.is_none() && !row.dead && self.now > row.first_seen + FOLD_AFTER;
        let text = if row.dead {
            Text::Dead
        } else if row.retracted {
            Text::Retracted
        } else {
            match row.text {
                Some(text) => Text::Known(text),
                None if muted => Text::Muted,
                None if fresh => Text::Coming,
                None => Text::Nobody,
            }
        };
        Ok(ItemView {
            id,
            board: row.item.board(),
            title: row.item.title().map(str::to_owned),
            parent: row.item.parent().map(|link| link.infohash),
            root,
            author,
            time: row.item.time(),
            votes: row.votes,
            comments: row.comments,
            hosts: Hosts { seen: row.seeds, verified: row.verified, verified_at: row.verified_at },
            vote,
            text,
            labels,
            hidden_by_reader,
            saved,
            own,
            asks,
            fold: if muted {
                Some(Fold::Muted)
            } else if hidden_by_reader {
                Some(Fold::Hidden)
            } else if folds {
                Some(Fold::Label)
            } else if unhosted {
                Some(Fold::Unhosted)
            } else {
                None
            },
            unread: false,
        })
    }

    pub fn items(&mut self, rows: Vec<ItemRow>) -> Result<Vec<ItemView>, NodeError> {
        let works: Vec<_> = rows.iter().map(|row| row.item.work()).collect();
        let mut verdicts = self.node.verdicts(&works)?;
        let views = rows.into_iter().map(|row| {
            let found = verdicts.remove(&row.item.work()).unwrap_or_default();
            self.labelled(row, found)
        });
        views.collect()
    }

    /// The parts of a score; `None` while follows are being loaded, or if the item is not here.
    pub fn why(&mut self, work: &WorkId) -> Result<Option<WhyView>, NodeError> {
        self.node.reasons(work)?.map(|reasons| self.why_of(&reasons)).transpose()
    }

    /// [`ViewContext::why`] of what the node gave.
    pub fn why_of(&mut self, reasons: &Reasons) -> Result<WhyView, NodeError> {
        let through = reasons.branches.iter().map(|branch| {
            Ok(Through {
                person: self.person(branch.person)?,
                voted: branch.voted,
                others: branch.behind,
                capped: branch.weight < branch.votes,
                adds: branch.points.to_f64(),
            })
        });
        let place = reasons.place.map(|place| PlaceView {
            window: place.window,
            number: place.number,
            without_strongest: place.without_strongest,
        });
        Ok(WhyView {
            through: through.collect::<Result<_, NodeError>>()?,
            strangers: reasons.strangers,
            networks: reasons.networks,
            strangers_add: reasons.strangers_points.to_f64(),
            muted: reasons.muted,
            mine: reasons.mine,
            follows: reasons.follows,
            provisional: reasons.provisional,
            place,
            score: reasons.score.to_f64(),
            follows_nobody: self.follows_nobody(),
        })
    }

    fn vote(&self, row: &ItemRow) -> Result<Vote, NodeError> {
        Ok(match row.hosting {
            Some(HostingState::Leaving) => Vote::Stopping,
            Some(HostingState::Removed) => Vote::None,
            Some(HostingState::Stopping | HostingState::Stopped) if !row.upvoted => Vote::None,
            Some(HostingState::Stopping | HostingState::Stopped) if row.muted => Vote::StoppedMuted,
            Some(HostingState::Stopping | HostingState::Stopped) => Vote::StoppedRetracted,
            _ if !row.upvoted && row.mine => Vote::None,
            None if row.unvoted => Vote::HostedOnly,
            None | Some(_) if !row.upvoted => Vote::None,
            None | Some(HostingState::Wanted) => Vote::Wanted,
            Some(HostingState::Fetching | HostingState::Handed) => Vote::Fetching(None),
            Some(HostingState::Hosting | HostingState::Packed) => Vote::Hosting,
            Some(HostingState::Missing) => Vote::Failed(LOST.into()),
            Some(HostingState::Failed) => {
                let why = self.node.hosting_failure(&row.item.work())?;
                Vote::Failed(why.unwrap_or_default())
            }
        })
    }
}

/// One item as the view shows it now.
pub(super) fn one(node: &Node, id: Infohash) -> Result<Option<ItemView>, NodeError> {
    let Some(row) = node.item(&id)? else { return Ok(None) };
    Ok(Some(ViewContext::open(node)?.item(row)?))
}

/// [`one`] that must be here.
pub(super) fn required(node: &Node, id: Infohash) -> Result<ItemView, NodeError> {
    one(node, id)?.ok_or(NodeError::UnknownItem(id))
}
