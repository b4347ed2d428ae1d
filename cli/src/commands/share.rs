//! `upseed share`.

use upseed_api::ShareQuery;

use crate::{failure::Done, print, remote::Remote};

pub(super) async fn share(node: &Remote, id: String, address: bool, json: bool) -> Done {
    let share = node.share(&ShareQuery { id, address }).await?;
    if json {
        print::json(&share);
        return Ok(());
    }
    print::out(share.text.trim_end());
    if address && share.addresses.is_empty() {
        print::err("note: the link names no address: Upseed itself does not host the text here.");
    }
    Ok(())
}
