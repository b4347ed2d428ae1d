//! Adding: the text put in place or a way to it shown, the torrent added, and nothing left that
//! would silence it.

use std::{path::PathBuf, time::Duration};

use upseed_clock::Moment;

use data_encoding::BASE64;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use upseed_client::{Change, Offer, Owner};
use upseed_model::Infohash;

use crate::{
    Transmission, TransmissionError,
    folder::{self, Sharing},
    given::Given,
    labels,
    session::Session,
    table::is_plain,
    transmission::{State, hashes},
};

/// Items handed over in one go, and requests under way at a time within it: small, so that a
/// vote that comes meanwhile waits for few.
const GO: usize = 16;
const AT_ONCE: usize = 4;

/// The newest of each call, so few of them, are checked before a bulk.
const FEW: usize = 4;

/// How long what was given is helped along, and how often.
const HELPED: Duration = Duration::from_secs(600);
const HELP_AGAIN: Duration = Duration::from_secs(5);

/// `seedRatioMode` and `seedIdleMode`: no limit for this torrent.
const UNLIMITED: u8 = 2;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Added {
    torrent_added: Option<Torrent>,
    torrent_duplicate: Option<Torrent>,
}

#[derive(Deserialize)]
struct Torrent {
    id: i64,
    #[serde(default)]
    name: String,
}

impl Transmission {
    pub(crate) async fn add_all(
        &self,
        offers: &[Offer],
        owner: &Owner,
    ) -> Result<Vec<Result<(), TransmissionError>>, TransmissionError> {
        // Not by what was known before a restart that nobody saw.
        self.refresh().await?;
        let (session, sharing) = self.sharing().await?;
        self.know(owner);
        let trackers = match &sharing {
            Sharing::Shared(_) => Vec::new(),
            Sharing::Apart(_) => self.tracker_for(offers.iter().map(Offer::infohash)).await?,
        };
        {
            let mut state = self.state.lock().await;
            offers.iter().for_each(|offer| state.table.adding(offer.infohash()));
        }
        let labels = labels::of(owner);
        let mut results = Vec::with_capacity(offers.len());
        for (number, go) in offers.chunks(GO).enumerate() {
            let each: Vec<_> = go
                .iter()
                .enumerate()
                .map(|(place, offer)| {
                    let priority = i8::from(number * GO + place < FEW);
                    self.add_one(offer, &session, &sharing, &trackers, &labels, priority)
                })
                .collect();
            let added: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
            if let Some(Err(error)) = added.iter().find(|r| r.as_ref().is_err_and(|e| e.is_away()))
            {
                // What was added is there the next time.
                return Err(error.clone());
            }
            let (mut done, mut new) = (Vec::new(), Vec::new());
            for (offer, result) in go.iter().zip(&added) {
                done.extend(result.is_ok().then(|| offer.infohash()));
                new.extend(matches!(result, Ok(false)).then(|| offer.infohash()));
            }
            if !session.labels_on_add() && !new.is_empty() {
                let arguments = json!({ "ids": hashes(&new), "labels": labels });
                self.rpc.ask("torrent-set", arguments).await?;
            }
            let freed = self.free(&done).await;
            results.extend(added.into_iter().map(|result| match (result, &freed) {
                (Ok(_), Err(error)) => Err(error.clone()),
                (result, _) => result.map(drop),
            }));
        }
        Ok(results)
    }

    async fn add_one(
        &self,
        offer: &Offer,
        session: &Session,
        sharing: &Sharing,
        trackers: &[String],
        labels: &[String],
        priority: i8,
    ) -> Result<bool, TransmissionError> {
        let infohash = offer.infohash();
        let name = offer.file_name().to_owned();
        if let Sharing::Shared(folder) = sharing {
            let (folder, name, text) = (folder.clone(), name.clone(), offer.file.clone());
            tokio::task::spawn_blocking(move || folder::write(&folder, &name, &text))
                .await
                .map_err(|error| TransmissionError::Failed(error.to_string()))??;
        }
        let all = [&offer.trackers[..], trackers].concat();
        let torrent = Offer { trackers: all, ..offer.clone() }.torrent();
        let mut arguments = json!({
            "metainfo": BASE64.encode(&torrent),
            "download-dir": session.download_dir.join(folder::NAME),
            "paused": false,
            "bandwidthPriority": priority,
        });
        if session.labels_on_add() {
            arguments["labels"] = json!(labels);
        }
        let added: Added = self.rpc.call("torrent-add", arguments).await?;
        let was_there = added.torrent_added.is_none();
        let Some(torrent) = added.torrent_added.or(added.torrent_duplicate) else {
            return Err(TransmissionError::Foreign("torrent-add without a torrent".into()));
        };
        // Before its metadata is there, a magnet's name is another.
        let name = if torrent.name.is_empty() { name } else { torrent.name };
        let complete = {
            let (mut state, now) = (self.state.lock().await, Moment::now());
            let given = Given { since: now, helped: now, hurried: priority > 0 };
            state.given.insert(infohash, given);
            state.table.added(infohash, torrent.id, &name)
        };
        if was_there {
            self.label(infohash, labels).await?;
        }
        if let Sharing::Shared(folder) = sharing
            && was_there
            && name != offer.file_name()
            && is_plain(&name)
        {
            // Its user chose another name for it there.
            let (folder, name, text) = (folder.clone(), name.clone(), offer.file.clone());
            tokio::task::spawn_blocking(move || folder::write(&folder, &name, &text))
                .await
                .map_err(|error| TransmissionError::Failed(error.to_string()))??;
        }
        if complete {
            self.tell(vec![Change::Complete(infohash, true)]);
        } else if was_there {
            // One that was killed comes back with torrents whose folder it has forgotten. The text
            // lies in ours now, so that it need not look for it elsewhere.
            if matches!(sharing, Sharing::Shared(_)) {
                let location = session.download_dir.join(folder::NAME);
                let arguments =
                    json!({ "ids": [infohash.to_string()], "location": location, "move": false });
                self.rpc.ask("torrent-set-location", arguments).await?;
            }
            self.check(&[infohash]).await?;
        }
        Ok(was_there)
    }

    /// Exempts them from queues and limits, and starts them.
    async fn free(&self, items: &[Infohash]) -> Result<(), TransmissionError> {
        if items.is_empty() {
            return Ok(());
        }
        let ids = hashes(items);
        let arguments = json!({
            "ids": ids,
            "seedRatioMode": UNLIMITED,
            "seedIdleMode": UNLIMITED,
            // All of them: somebody may have chosen not to download it.
            "files-wanted": [],
        });
        self.rpc.ask("torrent-set", arguments).await?;
        self.rpc.ask("torrent-start-now", json!({ "ids": ids })).await.map(drop)
    }

    /// Whose node this is, and where its engine listens.
    pub fn know(&self, owner: &Owner) {
        *self.owner.lock() = Some(owner.clone());
    }

    /// An item that somebody else added to it gets its text: put in place where the folder is
    /// shared, since Transmission calls nobody at its own address; else it is shown the way to
    /// this node's engine.
    pub async fn help_to_text(
        &self,
        offer: &Offer,
        owner: &Owner,
    ) -> Result<(), TransmissionError> {
        self.know(owner);
        self.ready().await?;
        let (session, sharing) = self.sharing().await?;
        let item = offer.infohash();
        if self.state.lock().await.table.is_complete(&item) {
            return Ok(());
        }
        let shared = matches!(sharing, Sharing::Shared(_));
        if shared && self.put_where_it_looks(offer, &session).await? {
            return Ok(());
        }
        self.show_way(&[item], session.tracker_list()).await
    }

    /// Puts a text where its torrent, which somebody else added, looks for it. False if that is not
    /// below the folder that is known to be shared, or something lies there; or if it is a magnet whose
    /// header is not there yet, for without that it looks for nothing.
    async fn put_where_it_looks(
        &self,
        offer: &Offer,
        session: &Session,
    ) -> Result<bool, TransmissionError> {
        let ids = json!([offer.infohash().to_string()]);
        let fields = ["downloadDir", "name", "metadataPercentComplete"];
        let arguments = json!({ "fields": fields, "ids": ids });
        let told = self.rpc.ask("torrent-get", arguments).await?;
        let torrent = &told["torrents"][0];
        if torrent["metadataPercentComplete"].as_f64().is_some_and(|part| part < 1.0) {
            return Ok(false);
        }
        // Its user may have renamed it there.
        let name = offer.file_name();
        let Some(folder) = torrent["downloadDir"].as_str().map(PathBuf::from) else {
            return Ok(false);
        };
        if torrent["name"] != name || !folder::is_below(&folder, &session.download_dir) {
            return Ok(false);
        }
        let (path, text) = (folder.join(name), offer.file.clone());
        let put = tokio::task::spawn_blocking(move || folder::put_new(&path, &text)).await;
        if !put.is_ok_and(|put| put.is_ok()) {
            return Ok(false);
        }
        self.state.lock().await.watch(&[offer.infohash()]);
        self.rpc.ask("torrent-verify", json!({ "ids": ids })).await?;
        Ok(true)
    }

    /// What holds ours back is pushed on: after a check, a queue may have taken it; what it does not
    /// find on its disk it may fetch from this node.
    pub(crate) async fn help_along(&self) -> Result<(), TransmissionError> {
        let (queued, downloading, lists) = {
            let state = self.state.lock().await;
            (state.table.queued(), state.table.downloading(), state.session.tracker_list())
        };
        if !queued.is_empty() {
            self.rpc.ask("torrent-start-now", json!({ "ids": hashes(&queued) })).await?;
        }
        self.part_from_old_trackers().await?;
        self.part_from_tracker().await?;
        self.help_given().await?;
        if downloading.is_empty() || self.owner.lock().is_none() {
            return Ok(());
        }
        self.show_way(&downloading, lists).await
    }

    /// What was given lately and neither seeds nor is checked is checked again: one that was killed
    /// comes back with torrents that it does not start. What seeds is hurried no more.
    async fn help_given(&self) -> Result<(), TransmissionError> {
        let (mut stuck, mut done) = (Vec::new(), Vec::new());
        {
            let mut state = self.state.lock().await;
            let shared = matches!(state.sharing, Some(Sharing::Shared(_)));
            let State { given, table, .. } = &mut *state;
            given.retain(|id, given| {
                let complete = table.is_complete(id);
                done.extend((complete && given.hurried).then_some(*id));
                given.since.elapsed() < HELPED && !complete
            });
            for (id, given) in given.iter_mut().filter(|_| shared) {
                if given.helped.elapsed() > HELP_AGAIN && table.is_stuck(id) {
                    given.helped = Moment::now();
                    stuck.push(*id);
                }
            }
        }
        if !done.is_empty() {
            let arguments = json!({ "ids": hashes(&done), "bandwidthPriority": 0 });
            self.rpc.ask("torrent-set", arguments).await?;
        }
        self.check(&stuck).await
    }
}
