//! What the reader does not want to see, and what becomes of it.

use axum::{Form, extract::Path};
use serde::Deserialize;
use upseed_model::{Infohash, PublicKey, WorkId, moderation::UnknownKeep, statement::LabelTarget};
use upseed_node::{Node, NodeError};
use upseed_view::{
    Flash,
    moderation::{self, ExceptionOf, ModerationPage},
    retract,
};

use super::{
    context::{ViewContext, required},
    form::{Token, back_to, check},
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// Hidden items that are listed.
const HIDDEN: u32 = 200;

pub(super) async fn moderation(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    let content = page.node().blocking(|node| {
        let mut context = ViewContext::open(node)?;
        let mut content =
            ModerationPage { keep_retracted: node.keeps_retracted()?, ..ModerationPage::default() };
        for row in node.subscriptions()? {
            content.subscriptions.push((context.person(row.labeller)?, row.acting));
        }
        for key in node.mutes()? {
            content.mutes.push(context.person(key)?);
        }
        for one in node.exceptions()? {
            let (target, work) = context.target(&one.target)?;
            let of = match (one.target, work) {
                (LabelTarget::Key(key), _) => ExceptionOf::Person(key),
                (LabelTarget::Item(_), work) => ExceptionOf::Item(work.unwrap_or_default()),
            };
            content.exceptions.push((target, of));
        }
        content.hidden = context.items(node.hidden_items(HIDDEN)?)?;
        content.retracted = context.items(node.retracted_undecided()?)?;
        Ok(content)
    });
    let content = content.await.map_err(refused)?;
    Ok(html(moderation::page(&page.site(None, None), &content)))
}

#[derive(Deserialize)]
pub(super) struct ModerationForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
    id: Option<Infohash>,
    work: Option<String>,
    key: Option<PublicKey>,
    entry: Option<String>,
    keep: Option<String>,
}

impl ModerationForm {
    /// The item that is meant.
    fn item(&self, node: &Node) -> Result<WorkId, NodeError> {
        let id =
            self.id.ok_or_else(|| NodeError::Input("which item is meant is missing".into()))?;
        Ok(node.header(&id)?.ok_or(NodeError::UnknownItem(id))?.work())
    }

    /// The item or the person that is meant.
    fn target(&self, node: &Node) -> Result<LabelTarget, NodeError> {
        if let Some(key) = self.key {
            return Ok(LabelTarget::Key(key));
        }
        let work = self.work.as_ref().and_then(|work| work.parse().ok());
        work.map_or_else(|| self.item(node), Ok).map(LabelTarget::Item)
    }
}

pub(super) async fn change(reader: Reader, Form(form): Form<ModerationForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let back = form.token.back.clone();
    let flash = reader.node().blocking(move |node| act(node, &form)).await.map_err(refused)?;
    Ok(back_to(reader.links(), &back, Some(flash)))
}

fn act(node: &Node, form: &ModerationForm) -> Result<Flash, NodeError> {
    Ok(match form.action.as_str() {
        "except" => node.set_exception(&form.target(node)?, true).map(|()| Flash::Shown)?,
        "unexcept" => node.set_exception(&form.target(node)?, false).map(|()| Flash::Saved)?,
        "undo" => {
            let entry = form.entry.as_ref().and_then(|entry| entry.parse().ok()).unwrap_or(0);
            if !node.undo_label(entry)? {
                let gone = "there is nothing left to undo: the label or its item has gone";
                return Err(NodeError::Input(gone.into()));
            }
            Flash::Undone
        }
        "keep" => node.keep_retracted(&form.item(node)?, true).map(|()| Flash::Saved)?,
        "stop" => node.keep_retracted(&form.item(node)?, false).map(|()| Flash::Saved)?,
        "default" => {
            let keep = form.keep.as_deref().unwrap_or_default().parse();
            let wrong = |error: UnknownKeep| NodeError::Input(error.to_string());
            let keep = keep.map_err(wrong)?;
            node.set_keeps_retracted(keep).map(|()| Flash::Saved)?
        }
        other => return Err(NodeError::Input(format!("{other:?} is nothing to do"))),
    })
}

#[derive(Deserialize)]
pub(super) struct RetractForm {
    #[serde(flatten)]
    token: Token,
    id: Option<Infohash>,
}

/// Asks before something is retracted.
pub(super) async fn ask(reader: Reader, Path(id): Path<Infohash>) -> PageResult {
    let page = reader.load().await?;
    let item = page.node().blocking(move |node| required(node, id)).await.map_err(refused)?;
    Ok(html(retract::page(&page.site(Some(item.board), None), &item)))
}

/// The reader retracts an item of their own.
pub(super) async fn retract(reader: Reader, Form(form): Form<RetractForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    let id = form.id;
    let done = reader.node().blocking(move |node| {
        let id = id.ok_or_else(|| NodeError::Input("which item is meant is missing".into()))?;
        node.retract(&node.header(&id)?.ok_or(NodeError::UnknownItem(id))?.work())
    });
    done.await.map_err(refused)?;
    Ok(back_to(reader.links(), &form.token.back, Some(Flash::Retracted)))
}
