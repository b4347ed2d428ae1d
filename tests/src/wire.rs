//! A bare BitTorrent connection about a board, light enough for hundreds of them.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use upseed_model::{BoardName, sync::Frame};

use crate::PATIENCE;

/// The id by which libtorrent's extension protocol (BEP 10) goes, and those of `up_sync` in each direction.
const EXTENDED: u8 = 20;
const OURS: u8 = 1;
const THEIRS: u8 = 20;

/// One connection that speaks `up_sync` with a node about the board `upseed`.
pub struct Wire(TcpStream);

impl Wire {
    /// Dials a node, and says who speaks what.
    ///
    /// # Errors
    /// If the node does not take the connection.
    pub fn open(node: SocketAddr) -> io::Result<Self> {
        let mut stream = TcpStream::connect_timeout(&node, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(Duration::from_secs(1)))?;
        let mut hello = b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\0".to_vec();
        hello.extend(BoardName::upseed().rendezvous().as_bytes());
        // Each its own, or libtorrent takes them for one that came twice.
        hello.extend(format!("-XX0001-{:012}", stream.local_addr()?.port()).as_bytes());
        stream.write_all(&hello)?;
        let mut wire = Self(stream);
        wire.message(0, b"d1:md7:up_synci1eee")?;
        let mut theirs = [0; 68];
        wire.0.read_exact(&mut theirs)?;
        Ok(wire)
    }

    /// Opens, and greets as version 1 does.
    ///
    /// # Errors
    /// As [`Wire::open`] and [`Wire::send`].
    pub fn greet(node: SocketAddr) -> io::Result<Self> {
        let mut wire = Self::open(node)?;
        let board = BoardName::upseed();
        for frame in [
            Frame::Hello { min: 1, max: 1, frame: 262_144, time: 0 },
            Frame::Open { board, first: 0, last: 99_999, bits: 0 },
        ] {
            wire.send(&frame.to_bytes())?;
        }
        Ok(wire)
    }

    /// Says something.
    ///
    /// # Errors
    /// If the connection is gone, or takes nothing for a second.
    pub fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.message(THEIRS, frame)
    }

    /// The beginning of a frame of so many bytes, without its last one.
    ///
    /// # Errors
    /// As [`Wire::send`].
    pub fn send_half(&mut self, bytes: usize) -> io::Result<()> {
        let mut message = ((bytes + 2) as u32).to_be_bytes().to_vec();
        message.extend([EXTENDED, THEIRS]);
        message.resize(bytes + 5, b'x');
        self.0.write_all(&message)
    }

    /// The next frame of the node's.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn hear(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let mut length = [0; 4];
            self.0.read_exact(&mut length)?;
            let mut message = vec![0; u32::from_be_bytes(length) as usize];
            self.0.read_exact(&mut message)?;
            if message.starts_with(&[EXTENDED, OURS]) {
                return Ok(message.split_off(2));
            }
        }
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let mut message = ((body.len() + 2) as u32).to_be_bytes().to_vec();
        message.extend([EXTENDED, kind]);
        message.extend(body);
        self.0.write_all(&message)
    }
}
