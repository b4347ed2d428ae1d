//! The reader's key: its back-up and its way back.

use axum::Form;
use serde::Deserialize;
use upseed_node::{HandOver, NodeError, ViewSetting};
use upseed_view::{Flash, me};
use zeroize::Zeroizing;

use super::{
    form::{Token, back_to, check, not_in_frame},
    me::again,
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// The 24 words: shown on purpose, by a form, in an answer that nothing keeps.
pub(super) async fn backup(reader: Reader, Form(token): Form<Token>) -> PageResult {
    check(&reader, &token.page_token, false)?;
    not_in_frame(&reader)?;
    let page = reader.at("me").load().await?;
    let phrase = page.node().blocking(|node| {
        let key = node.identity().get();
        let key = key.ok_or_else(|| NodeError::Input("there is no key yet".into()))?;
        node.view_settings().set(ViewSetting::BackedUp, Some("1"))?;
        Ok(key.phrase())
    });
    let phrase = phrase.await.map_err(refused)?;
    Ok(html(me::backup(&page.site(None, None), &phrase)))
}

#[derive(Deserialize)]
pub(super) struct SucceedForm {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "do")]
    action: String,
    /// A box that must be ticked to end a key.
    sure: Option<String>,
}

/// Another key, and its 24 words.
pub(super) async fn succeed(reader: Reader, Form(form): Form<SucceedForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    not_in_frame(&reader)?;
    let SucceedForm { token, action, sure } = form;
    let done = reader.node().blocking(move |node| {
        let how = match action.as_str() {
            "succeed" => HandOver::Succeed,
            "revoke" if sure.is_some() => HandOver::Revoke,
            other => return Err(NodeError::Input(format!("{other:?} is nothing to do"))),
        };
        node.hand_over(how)
    });
    match done.await {
        Ok(_) => backup(reader, Form(token)).await,
        Err(error) => again(reader, &error).await,
    }
}

#[derive(Deserialize)]
pub(super) struct RestoreForm {
    #[serde(flatten)]
    token: Token,
    phrase: Zeroizing<String>,
}

pub(super) async fn restore(reader: Reader, Form(form): Form<RestoreForm>) -> PageResult {
    check(&reader, &form.token.page_token, false)?;
    not_in_frame(&reader)?;
    let phrase = form.phrase;
    match reader.node().blocking(move |node| node.restore(&phrase, false)).await {
        Ok(_) => Ok(back_to(reader.links(), "me", Some(Flash::Saved))),
        Err(error) => again(reader, &error).await,
    }
}
