//! The handle by which a node speaks to its rooms.

use std::{net::SocketAddr, thread::JoinHandle, time::Duration};

use tokio::sync::oneshot;

use super::{
    convert::job,
    inbox::{Inbox, Job},
    setup::Setup,
    thread::Driver,
};
use crate::{command::Command, error::RoomsError, event::Event, input::Input, status::RoomsStatus};

/// How long a page waits to be told how the rooms stand.
const PATIENCE: Duration = Duration::from_secs(2);

/// The rooms of a node. Clones are the same rooms; what is said before [`Rooms::start`] waits for it.
#[derive(Clone, Default)]
pub struct Rooms(Inbox);

impl Rooms {
    /// Starts the thread, which ends after [`Rooms::stop`]. `on_event` is called on it.
    ///
    /// # Errors
    /// [`RoomsError::Thread`] if the system gives none.
    pub fn start(
        &self,
        setup: Setup,
        on_event: impl Fn(Event) + Send + 'static,
    ) -> Result<JoinHandle<()>, RoomsError> {
        let driver = Driver::new(setup, Box::new(on_event));
        let inbox = self.0.clone();
        std::thread::Builder::new()
            .name("upseed-rooms".into())
            .spawn(move || driver.run(&inbox))
            .map_err(RoomsError::Thread)
    }

    /// Something happened in the swarm. libtorrent's own thread may call it: returns at once, or after a quarter of a second
    /// when more frames wait than should be read.
    pub fn heard(&self, event: upseed_swarm::Event) {
        self.0.put(job(event));
    }

    /// Asks something of the rooms.
    pub fn send(&self, command: Command) {
        self.0.put(Job::Input(Input::Command(command)));
    }

    /// Ends the thread.
    pub fn stop(&self) {
        self.0.put(Job::Stop);
    }

    /// How the rooms stand. Empty when the thread is too busy to say.
    pub async fn status(&self) -> RoomsStatus {
        self.ask(Job::Status).await
    }

    /// Where those are reached who are connected now. Empty when the thread is too busy to say.
    pub async fn connected(&self) -> Vec<SocketAddr> {
        self.ask(Job::Connected).await
    }

    async fn ask<T: Default>(&self, question: fn(oneshot::Sender<T>) -> Job) -> T {
        let (reply, answer) = oneshot::channel();
        self.0.put(question(reply));
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.ok().and_then(Result::ok).unwrap_or_default()
    }
}
