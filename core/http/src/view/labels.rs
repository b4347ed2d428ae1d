//! Labels: publishing one, and the page of somebody's.

use axum::{
    Form,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use upseed_model::{Infohash, PublicKey, moderation::LabelActions, statement::LabelTarget};
use upseed_node::{Node, NodeError, PreviewCounts};
use upseed_view::{
    Flash, Links,
    labels::{self, Counts, LabelsPage, LogLine, Preview, Target},
};

use super::{
    context::ViewContext,
    form::{Token, back_to, check},
    reader::{Loaded, Reader},
    refusal::{Refusal, refused},
    response::{PageResult, html},
};

/// Entries of the log on one page.
const LOG: u32 = 50;

#[derive(Deserialize)]
pub(super) struct LabelForm {
    #[serde(flatten)]
    token: Token,
    id: Option<Infohash>,
    key: Option<PublicKey>,
    #[serde(default)]
    value: String,
    #[serde(default)]
    reason: String,
}

/// The reader labels an item or a person.
pub(super) async fn label(reader: Reader, Form(form): Form<LabelForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let LabelForm { token, id, key, value, reason } = form;
    let done = reader.node().blocking(move |node| {
        let value = value.trim().parse().map_err(wrong)?;
        let target = match (id, key) {
            (Some(id), None) => {
                LabelTarget::Item(node.header(&id)?.ok_or(NodeError::UnknownItem(id))?.work())
            }
            (None, Some(key)) => LabelTarget::Key(key),
            _ => return Err(NodeError::Input("say either an item or a person".into())),
        };
        node.label(target, &value, reason.trim())
    });
    done.await.map_err(refused)?;
    Ok(back_to(reader.links(), &token.back, Some(Flash::Labelled)))
}

#[derive(Deserialize, Default)]
pub(super) struct LogQuery {
    after: Option<u64>,
}

pub(super) async fn labels(
    reader: Reader,
    Path(key): Path<String>,
    Query(query): Query<LogQuery>,
) -> PageResult {
    let page = reader.load().await?;
    let Some(key) = Links::parse_person(&key) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "Not a valid key").into_response());
    };
    shown(&page, key, None, query.after).await
}

/// `actions`: those that the reader tries; else those of the subscription, or the default.
async fn shown(
    page: &Loaded,
    key: PublicKey,
    actions: Option<LabelActions>,
    before: Option<u64>,
) -> Result<Response, Response> {
    let content =
        page.node().blocking(move |node| content(node, key, actions, before.unwrap_or(u64::MAX)));
    Ok(html(labels::page(&page.site(None, None), &content.await.map_err(refused)?)))
}

fn content(
    node: &Node,
    key: PublicKey,
    actions: Option<LabelActions>,
    before: u64,
) -> Result<LabelsPage, NodeError> {
    let mut context = ViewContext::open(node)?;
    let subscription = node.subscriptions()?.into_iter().find(|row| row.labeller == key);
    let subscribed = subscription.is_some();
    let actions = actions.or(subscription.map(|row| row.actions)).unwrap_or_default();
    let told = node.preview(&key, &actions)?;
    let entries = node.label_log(&key, before, LOG)?;
    let more = match entries.last() {
        Some(last) if entries.len() == LOG as usize => Some(last.number.to_string()),
        _ => None,
    };
    let mut log = Vec::with_capacity(entries.len());
    for entry in entries {
        let target = context.target(&entry.target)?.0;
        let upseed_node::LogEntry { number, value, reason, action, at, undone, .. } = entry;
        log.push(LogLine { number, target, value, reason, action, at, undone });
    }
    let counts = |counts: PreviewCounts| {
        let PreviewCounts { posts, hidden, followed, hosted } = counts;
        Counts { posts, followed, hosted, hidden }
    };
    Ok(LabelsPage {
        labeller: context.person(key)?,
        subscribed,
        actions,
        values: node.label_values(&key)?,
        preview: Preview {
            hide: counts(told.hide),
            fold: counts(told.fold),
            mark: counts(told.mark),
        },
        log,
        more,
        error: None,
    })
}

fn wrong(error: impl ToString) -> NodeError {
    NodeError::Input(error.to_string())
}

/// Fields that come many times, which the form's order keeps together.
struct SubscriptionForm {
    token: Token,
    key: PublicKey,
    action: String,
    actions: LabelActions,
}

fn read(fields: Vec<(String, String)>) -> Result<SubscriptionForm, NodeError> {
    let mut token = Token { page_token: String::new(), back: String::new() };
    let (mut key, mut action, mut value) = (None, String::new(), None);
    let mut actions = LabelActions::default();
    for (name, field) in fields {
        match name.as_str() {
            "page_token" => token.page_token = field,
            "back" => token.back = field,
            "key" => key = field.parse().ok(),
            "do" => action = field,
            "other" => actions.other = field.parse().map_err(wrong)?,
            "value" => value = Some(field.parse().map_err(wrong)?),
            "action" => {
                if let Some(value) = value.take() {
                    actions.values.insert(value, field.parse().map_err(wrong)?);
                }
            }
            _ => {}
        }
    }
    let key = key.ok_or_else(|| NodeError::Input("whose labels are meant is missing".into()))?;
    Ok(SubscriptionForm { token, key, action, actions })
}

/// Previews, subscribes, or unsubscribes.
pub(super) async fn change(
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let form = read(fields).map_err(refused)?;
    check(&reader, &form.token.page_token, false)?;
    let SubscriptionForm { token, key, action, actions } = form;
    if action == "preview" {
        let page = reader.at(&token.back).load().await?;
        return shown(&page, key, Some(actions), None).await;
    }
    let done = reader.node().blocking(move |node| {
        Ok(match action.as_str() {
            "subscribe" => node.subscribe(&key, &actions).map(|()| Flash::Subscribed)?,
            "unsubscribe" => node.unsubscribe(&key).map(|_| Flash::Unsubscribed)?,
            other => return Err(NodeError::Input(format!("{other:?} is nothing to do"))),
        })
    });
    let flash = done.await.map_err(refused)?;
    Ok(back_to(reader.links(), &token.back, Some(flash)))
}

impl ViewContext<'_> {
    /// What a label or an exception is about, and its work id if it is an item.
    pub(super) fn target(
        &mut self,
        target: &LabelTarget,
    ) -> Result<(Target, Option<String>), NodeError> {
        Ok(match target {
            LabelTarget::Key(key) => (Target::Person(self.person(*key)?), None),
            LabelTarget::Item(work) => {
                let item = self.node().item_by_work(work)?;
                let named =
                    item.map(|item| Target::Item(item.infohash(), item.title().map(str::to_owned)));
                (named.unwrap_or(Target::Gone), Some(work.to_string()))
            }
        })
    }
}
