//! Labels: ours, and whose a torrent is in a client that several people share.

use serde_json::json;
use upseed_client::Owner;
use upseed_model::Infohash;

use crate::{
    Transmission, TransmissionError,
    table::{LABEL, Row, Rows},
    transmission::hashes,
};

/// What every torrent is marked with that is added for this user.
pub(crate) fn of(owner: &Owner) -> Vec<String> {
    let mut labels = vec![LABEL.to_owned()];
    if !owner.tag.is_empty() {
        labels.push(owner.tag.clone());
    }
    labels
}

/// Whether somebody else's node holds on to it: `upseed-` and 8 hex digits that are not ours.
fn is_anothers(labels: &[String], tag: &str) -> bool {
    let is_tag = |label: &str| {
        let hex = label.strip_prefix("upseed-");
        hex.is_some_and(|hex| hex.len() == 8 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    !tag.is_empty() && labels.iter().any(|label| is_tag(label) && label != tag)
}

impl Transmission {
    async fn labels_of(&self, items: &[Infohash]) -> Result<Vec<Row>, TransmissionError> {
        let arguments = json!({ "fields": ["hashString", "labels"], "ids": hashes(items) });
        Ok(self.rpc.call::<Rows>("torrent-get", arguments).await?.torrents)
    }

    /// Adds labels to a torrent that was there before; it keeps its own.
    pub(crate) async fn label(
        &self,
        item: Infohash,
        labels: &[String],
    ) -> Result<(), TransmissionError> {
        for row in self.labels_of(&[item]).await? {
            let mut all = row.labels;
            let before = all.len();
            all.extend(
                labels.iter().filter(|label| !row_has(&all, label)).cloned().collect::<Vec<_>>(),
            );
            if all.len() > before {
                let arguments = json!({ "ids": [row.hash_string], "labels": all });
                self.rpc.ask("torrent-set", arguments).await?;
            }
        }
        Ok(())
    }

    /// Takes this user's mark from those that another user's node holds on to, and gives the others:
    /// they may be removed.
    pub(crate) async fn let_go(
        &self,
        items: &[Infohash],
    ) -> Result<Vec<Infohash>, TransmissionError> {
        let tag = self.owner.lock().as_ref().map(|owner| owner.tag.clone()).unwrap_or_default();
        let mut removable = items.to_vec();
        for mut row in self.labels_of(items).await? {
            if is_anothers(&row.labels, &tag) {
                row.labels.retain(|label| *label != tag);
                let arguments = json!({ "ids": [row.hash_string], "labels": row.labels });
                self.rpc.ask("torrent-set", arguments).await?;
                removable.retain(|id| id.to_string() != row.hash_string);
            }
        }
        Ok(removable)
    }
}

fn row_has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|known| known == label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_it_is() {
        let labels = |all: &[&str]| all.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        assert!(!is_anothers(&labels(&["upseed", "upseed-00000000", "films"]), "upseed-00000000"));
        assert!(is_anothers(&labels(&["upseed-00000000", "upseed-00000001"]), "upseed-00000000"));
        assert!(!is_anothers(&labels(&["upseed-beautiful", "upseed-"]), "upseed-00000000"));
        assert!(!is_anothers(&labels(&["upseed-00000001"]), ""), "who we are is not known yet");
    }
}
