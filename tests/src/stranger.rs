//! Somebody who speaks `up_sync` with a node, and says there whatever a test likes.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use upseed_model::BoardName;
use upseed_swarm::{Event, PeerId, Settings, Swarm, SwarmError};

const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee";
const OPEN: &[u8] = b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene";

struct NoTexts;

impl upseed_swarm::Texts for NoTexts {
    fn read(&self, _: &[u8; 20]) -> Option<Vec<u8>> {
        None
    }
}

/// Dials a node again and again, and says to it what a function gives, as fast as it takes it.
pub struct Stranger {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Stranger {
    /// Begins. `frame` is asked with the number of frames that were sent; nothing to say is `None`.
    ///
    /// # Panics
    /// If libtorrent does not start.
    pub fn start(
        victim: SocketAddr,
        mut frame: impl FnMut(usize) -> Option<Vec<u8>> + Send + 'static,
    ) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stopped, count) = (stop.clone(), sent.clone());
        let thread = std::thread::spawn(move || {
            let (events, inbox) = mpsc::channel();
            let settings = Settings {
                listen: vec![(std::net::Ipv4Addr::LOCALHOST, 0).into()],
                dht: false,
                lsd: false,
                private_network: true,
                outgoing_utp: false,
                ..Settings::default()
            };
            let swarm = Swarm::start(settings, Arc::new(NoTexts), move |event| {
                let _ = events.send(event);
            })
            .expect("libtorrent starts");
            let rendezvous = *BoardName::upseed().rendezvous().as_bytes();
            swarm.join(rendezvous);
            let mut peer: Option<PeerId> = None;
            while !stopped.load(Ordering::Relaxed) {
                match peer {
                    None => swarm.connect(rendezvous, victim),
                    Some(id) => {
                        while let Some(said) = frame(count.load(Ordering::Relaxed)) {
                            match swarm.send(id, &said) {
                                Ok(()) => _ = count.fetch_add(1, Ordering::Relaxed),
                                Err(SwarmError::Full(_)) => break,
                                Err(_) => {
                                    peer = None;
                                    break;
                                }
                            }
                        }
                    }
                }
                match inbox.recv_timeout(Duration::from_millis(50)) {
                    Ok(Event::PeerOpened { peer: id, .. }) => {
                        peer = Some(id);
                        // It may be turned away already.
                        let _ = swarm.send(id, HELLO).and_then(|()| swarm.send(id, OPEN));
                    }
                    Ok(Event::PeerClosed { peer: id, .. }) if peer == Some(id) => peer = None,
                    _ => {}
                }
            }
        });
        Self { stop, sent, thread: Some(thread) }
    }

    /// How many frames the node took.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
