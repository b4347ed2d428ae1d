//! Event streams that are open: pages forget them more easily than anything else.

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Streams of one session: an open page has one.
const MAX: usize = 64;

/// Those of pages. The command's are not counted: who has its token can do anything.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<Vec<(String, oneshot::Sender<()>)>>);

impl Streams {
    /// One more of a session. If that has too many, its oldest is closed: its receiver completes.
    pub fn open(&self, session: &str) -> oneshot::Receiver<()> {
        let (close, closed) = oneshot::channel();
        let mut open = self.0.lock();
        open.retain(|(_, close)| !close.is_closed());
        let of_it = |(name, _): &(String, _)| name == session;
        if open.iter().filter(|stream| of_it(stream)).count() >= MAX
            && let Some(oldest) = open.iter().position(of_it)
        {
            open.remove(oldest);
        }
        open.push((session.to_owned(), close));
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_the_same_session_is_closed() {
        let streams = Streams::default();
        let mut other = streams.open("other");
        let mut open: Vec<_> = (0..=MAX).map(|_| streams.open("page")).collect();
        let is_closed = |stream: &mut oneshot::Receiver<()>| {
            !matches!(stream.try_recv(), Err(oneshot::error::TryRecvError::Empty))
        };
        let closed: Vec<_> = open.iter_mut().map(is_closed).collect();
        assert!(closed[0] && !closed[1..].contains(&true) && !is_closed(&mut other));
        // One that its page closed makes room.
        drop(open.pop());
        drop(streams.open("page"));
        assert!(!is_closed(&mut open[1]));
    }
}
