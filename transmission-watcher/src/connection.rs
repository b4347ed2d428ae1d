//! The connection to it: what is asked once, and what is new since.

use std::time::{Duration, SystemTime};

use upseed_clock::Moment;

use serde_json::json;
use tokio::time::sleep;
use upseed_client::Change;

use crate::{
    Transmission, TransmissionError,
    client::warnings,
    rpc::line,
    session::{OLDEST, Session},
    table::{FIELDS, Rows},
    transmission::State,
};

/// It tells what was active or removed within the last minute; a longer pause is a new connection.
const WINDOW: Duration = Duration::from_secs(45);

/// How long those are asked for by name that it checks again.
const CHECKED: Duration = Duration::from_secs(60);

/// Seconds after its start within which its list may still grow.
const STARTING: u64 = 30;

/// It reads another torrent within this time, or none.
const READING: Duration = Duration::from_secs(1);

impl Transmission {
    /// Asks what is new, and keeps how that went.
    pub(crate) async fn refresh(&self) -> Result<(), TransmissionError> {
        let mut state = self.state.lock().await;
        let asked = self.ask_for_news(&mut state).await;
        let mut seen = self.seen.lock();
        seen.tried = true;
        match &asked {
            Ok(()) => {
                seen.online = true;
                seen.error = None;
                seen.version = state.session.short_version();
                seen.warnings = warnings(&state);
                seen.gives_nothing = state.session.gives_nothing();
            }
            Err(error) => {
                if seen.error.is_none() {
                    tracing::warn!(%error, "Transmission cannot be asked");
                }
                seen.online = false;
                seen.error = Some(error.to_string());
            }
        }
        asked
    }

    async fn ask_for_news(&self, state: &mut State) -> Result<(), TransmissionError> {
        if state.asked.is_some_and(|asked| asked.elapsed() < WINDOW) {
            let arguments = json!({ "fields": FIELDS, "ids": "recently-active" });
            let mut rows: Rows = self.rpc.call("torrent-get", arguments).await?;
            state.checked.retain(|_, since| since.elapsed() < CHECKED);
            if !state.checked.is_empty() {
                // That files are missing is no activity in its eyes.
                let ids: Vec<_> = state.checked.keys().map(ToString::to_string).collect();
                let arguments = json!({ "fields": FIELDS, "ids": ids });
                rows.torrents
                    .extend(self.rpc.call::<Rows>("torrent-get", arguments).await?.torrents);
            }
            // Another id: it was restarted, or an hour is over. Which of both does not matter; its
            // numbers of torrents may be others now.
            if self.rpc.session_id() == state.session_id {
                let news = state.table.recent(&rows, SystemTime::now());
                state.asked = Some(Moment::now());
                self.tell(news);
                return Ok(());
            }
            state.asked = None;
        }
        self.connect(state).await
    }

    async fn connect(&self, state: &mut State) -> Result<(), TransmissionError> {
        let session = self.session().await?;
        let session_id = self.rpc.session_id();
        let rows = self.whole_list().await?;
        if self.rpc.session_id() != session_id {
            return Err(TransmissionError::Restarted);
        }
        let lost = state.table.connected(&rows.torrents, SystemTime::now());
        *state = State {
            table: std::mem::take(&mut state.table),
            looked: std::mem::take(&mut state.looked),
            given: std::mem::take(&mut state.given),
            session,
            session_id,
            asked: Some(Moment::now()),
            ..State::default()
        };
        // First what is there, and then what of it is to be given again.
        self.tell(std::iter::once(Change::Connected).chain(lost).collect());
        Ok(())
    }

    /// Every torrent. One that was started just now answers while it still reads its list: what it has
    /// not read yet is not gone.
    async fn whole_list(&self) -> Result<Rows, TransmissionError> {
        let arguments = json!({ "fields": FIELDS });
        let mut rows: Rows = self.rpc.call("torrent-get", arguments.clone()).await?;
        loop {
            let stats = self.rpc.ask("session-stats", json!({})).await?;
            let active = stats["current-stats"]["secondsActive"].as_u64();
            if active.is_none_or(|seconds| seconds >= STARTING) {
                return Ok(rows);
            }
            sleep(READING).await;
            let again: Rows = self.rpc.call("torrent-get", arguments.clone()).await?;
            if again.torrents.len() == rows.torrents.len() {
                return Ok(again);
            }
            rows = again;
        }
    }

    /// What it says of itself.
    pub(crate) async fn session(&self) -> Result<Session, TransmissionError> {
        let session: Session = self.rpc.call("session-get", json!({})).await?;
        if session.rpc_version < OLDEST {
            return Err(TransmissionError::TooOld(line(&session.version)));
        }
        Ok(session)
    }

    /// Connects if that was not done yet.
    pub(crate) async fn ready(&self) -> Result<(), TransmissionError> {
        let connected = self.state.lock().await.asked.is_some();
        if connected { Ok(()) } else { self.refresh().await }
    }
}
