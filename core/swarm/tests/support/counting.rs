//! What somebody receives.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Part of a piece. Transmission talks a little with whom it then sends away: it takes nobody back for some seconds.
const BLOCK: usize = 16_384;

/// Bytes that came from a seed, and the connections over which as much came as a block.
#[derive(Default)]
pub struct Received {
    bytes: AtomicUsize,
    connections: AtomicUsize,
}

impl Received {
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An address in front of a seed.
pub fn counting(seed: SocketAddr) -> (SocketAddr, Arc<Received>) {
    counting_behind(seed, Duration::ZERO)
}

/// The same, and so far away each way; a connection takes a round trip to open, too.
pub fn counting_behind(seed: SocketAddr, delay: Duration) -> (SocketAddr, Arc<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let received = Arc::<Received>::default();
    let all = Arc::clone(&received);
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(seed) else { continue };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let (near_too, far_too) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            let all = Arc::clone(&all);
            thread::spawn(move || {
                thread::sleep(delay * 2);
                pass(near_too, far_too, delay, None);
            });
            thread::spawn(move || pass(far, near, delay, Some(&all)));
        }
    });
    (addr, received)
}

fn pass(mut from: TcpStream, to: TcpStream, delay: Duration, received: Option<&Received>) {
    let (sender, later) = mpsc::channel();
    let end = from.try_clone().unwrap();
    thread::spawn(move || hand_over(&later, to, &end));
    let mut buffer = [0; 16_384];
    let mut passed = 0;
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if let Some(received) = received {
            received.bytes.fetch_add(length, Ordering::SeqCst);
            let is_counted = passed < BLOCK && passed + length >= BLOCK;
            received.connections.fetch_add(usize::from(is_counted), Ordering::SeqCst);
        }
        passed += length;
        if sender.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
            break;
        }
    }
}

/// Ends both sides when one has ended.
fn hand_over(later: &mpsc::Receiver<(Instant, Vec<u8>)>, mut to: TcpStream, from: &TcpStream) {
    for (due, bytes) in later {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
