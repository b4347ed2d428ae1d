//! What labels do, in the forms of the API. Calls with a node wait for the disk.

use std::collections::BTreeMap;

use upseed_api::{
    Item, ItemLabel, Label, LabelTarget, LogEntry, Moderator, Preview, PreviewCounts, Subscription,
    Thread,
};
use upseed_model::{WorkId, statement};
use upseed_node::{ItemRow, Node, NodeError, SubscriptionRow, ThreadRow, Verdict};

use crate::{view::context::ViewContext, wire};

/// What a label is about.
pub(crate) fn target(
    node: &Node,
    target: statement::LabelTarget,
) -> Result<LabelTarget, NodeError> {
    Ok(match target {
        statement::LabelTarget::Key(key) => LabelTarget::Person { key },
        statement::LabelTarget::Item(work) => {
            let item = node.item_by_work(&work)?;
            let id = item.as_ref().map(|item| item.infohash());
            let title = item.and_then(|item| item.title().map(str::to_owned));
            LabelTarget::Item { work, id, title }
        }
    })
}

/// A label of the user's own.
pub(crate) fn label(node: &Node, label: statement::Label) -> Result<Label, NodeError> {
    let statement::Label { target: about, value, reason } = label;
    Ok(Label { target: target(node, about)?, value, reason })
}

/// Somebody whose labels are suggested.
pub(crate) fn moderator(row: upseed_node::Moderator) -> Moderator {
    let upseed_node::Moderator { key, through, follows, labels } = row;
    Moderator { key, through, follows, labels }
}

/// A subscription.
pub(crate) fn subscription(row: SubscriptionRow) -> Subscription {
    let SubscriptionRow { labeller, actions, at, acting } = row;
    Subscription { labeller, actions, since: at, acting }
}

/// One thing that a subscription does.
pub(crate) fn log_entry(node: &Node, entry: upseed_node::LogEntry) -> Result<LogEntry, NodeError> {
    let upseed_node::LogEntry { number, target: about, value, reason, action, at, undone, .. } =
        entry;
    Ok(LogEntry { number, target: target(node, about)?, value, reason, action, at, undone })
}

/// What a subscription would do.
pub(crate) fn preview(told: upseed_node::Preview) -> Preview {
    let counts = |counts: upseed_node::PreviewCounts| {
        let upseed_node::PreviewCounts { posts, hidden, followed, hosted } = counts;
        PreviewCounts { posts, hidden, followed, hosted }
    };
    let upseed_node::Preview { hide, fold, mark, labels } = told;
    Preview { hide: counts(hide), fold: counts(fold), mark: counts(mark), labels }
}

/// Items with their authors and what comes of their labels, which are looked up for all of them at once.
pub(crate) fn items(node: &Node, rows: Vec<ItemRow>) -> Result<Vec<Item>, NodeError> {
    let mut describing = Describing::open(node, rows.iter())?;
    rows.into_iter().map(|row| describing.item(row)).collect()
}

/// A thread of such items; nothing without rows.
pub(crate) fn thread(node: &Node, rows: Vec<ThreadRow>) -> Result<Option<Thread>, NodeError> {
    let mut describing = Describing::open(node, rows.iter().map(|row| &row.row))?;
    let mut rows = rows.into_iter();
    let Some(top) = rows.next() else { return Ok(None) };
    wire::thread(top, rows, &mut |row| describing.item(row)).map(Some)
}

/// What is told of items besides what stands in their rows.
struct Describing<'a> {
    context: ViewContext<'a>,
    verdicts: BTreeMap<WorkId, Vec<Verdict>>,
}

impl<'a> Describing<'a> {
    fn open<'r>(
        node: &'a Node,
        rows: impl Iterator<Item = &'r ItemRow>,
    ) -> Result<Self, NodeError> {
        let works: Vec<_> = rows.map(|row| row.item.work()).collect();
        Ok(Self { context: ViewContext::open(node)?, verdicts: node.verdicts(&works)? })
    }

    fn item(&mut self, row: ItemRow) -> Result<Item, NodeError> {
        let found = self.verdicts.remove(&row.item.work()).unwrap_or_default();
        let author = self.context.person(row.item.author())?;
        Ok(Item { labels: found.into_iter().map(item_label).collect(), ..wire::item(row, author) })
    }
}

fn item_label(verdict: Verdict) -> ItemLabel {
    let Verdict { action, labeller, value, reason, of_author } = verdict;
    ItemLabel { action, labeller, value, reason, of_author }
}
