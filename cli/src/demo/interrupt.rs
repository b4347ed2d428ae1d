//! That the user wants the demo to end.

use tokio::sync::watch;

use crate::process::interrupted;

/// That the user wants the demo to end.
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    pub fn listen() -> Self {
        let (came, seen) = watch::channel(false);
        let interrupted = interrupted();
        tokio::spawn(async move {
            interrupted.await;
            let _ = came.send(true);
            came.closed().await;
        });
        Self(seen)
    }

    /// Whether it came already.
    pub fn came(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes once it comes.
    pub async fn wait(&self) {
        // The other end stays as long as this one.
        let _ = self.0.clone().wait_for(|came| *came).await;
    }
}
