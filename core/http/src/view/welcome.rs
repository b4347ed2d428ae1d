//! What is read first.

use upseed_view::welcome;

use super::{
    reader::Reader,
    response::{PageResult, html},
};

pub(super) async fn welcome(reader: Reader) -> PageResult {
    let page = reader.load().await?;
    Ok(html(welcome::page(&page.site(None, None))))
}
