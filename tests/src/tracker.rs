//! A real tracker: Debian's opentracker, which serves only the infohashes that it is told of.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{free_port, http, until};

/// A running tracker. It ends when this is dropped.
pub struct Tracker {
    process: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Tracker {
    /// Starts one on an address of this machine.
    ///
    /// # Panics
    /// If opentracker is not installed or does not start.
    pub fn start(address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port(address);
        fs::write(folder.path().join("allowed"), "").expect("the folder can be written");
        // In a namespace of the test we are its root, and opentracker serves as nobody's root.
        let mut command = Command::new("unshare");
        command.args(["-U", "--map-user=1000", "opentracker", "-i", address]);
        command.args(["-p", &port.to_string(), "-P", &port.to_string()]);
        command.arg("-d").arg(folder.path()).arg("-w").arg(folder.path().join("allowed"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("opentracker is installed");
        let address = SocketAddr::new(address.parse().expect("an address"), port);
        until("the tracker listens", || TcpStream::connect(address).ok());
        Self { process, folder, address }
    }

    /// Its announce address.
    pub fn url(&self) -> String {
        format!("http://{}/announce", self.address)
    }

    /// Serves these too, from when this returns: who was refused asks again after minutes.
    ///
    /// # Panics
    /// If it has ended.
    pub fn allow(&self, infohashes: &[&str]) {
        let path = self.folder.path().join("allowed");
        let mut list = fs::read_to_string(&path).expect("its list is there");
        for infohash in infohashes {
            list += infohash;
            list.push('\n');
        }
        fs::write(&path, list).expect("its list can be written");
        let told = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "the tracker still runs");
        for infohash in infohashes {
            until("the tracker serves it", || self.serves(infohash).then_some(()));
        }
    }

    /// Whether it does not refuse the farewell of somebody whom it never knew.
    fn serves(&self, infohash: &str) -> bool {
        let path = format!(
            "/announce?info_hash={}&peer_id=-XX0000-000000000001&port=1&left=0&uploaded=0\
             &downloaded=0&compact=1&event=stopped",
            escaped(infohash)
        );
        let answer = http::request(self.address, "GET", &path, &[], b"");
        !String::from_utf8_lossy(&answer.body).contains("failure reason")
    }

    /// Tells it of a seed at this machine's address that goes to it, which need not be there.
    ///
    /// # Panics
    /// If it refuses.
    pub fn announce(&self, infohash: &str, number: u16, port: u16) {
        let path = format!(
            "/announce?info_hash={}&peer_id=-XX0000-{number:012}&port={port}&left=0&uploaded=0\
             &downloaded=0&compact=1&event=started",
            escaped(infohash)
        );
        let answer = http::request(self.address, "GET", &path, &[], b"");
        let told = String::from_utf8_lossy(&answer.body);
        assert!(!told.contains("failure reason"), "{told}");
    }

    /// How many have told it of this infohash, seeds or not. Clients of libtorrent whose text arrives
    /// before the tracker has answered their first announce do not tell it that they are complete
    /// until the next one, half an hour later (`torrent::completed`, seen with qBittorrent 5.1).
    pub fn members(&self, infohash: &str) -> u32 {
        let (seeds, others) = self.scrape(infohash);
        seeds + others
    }

    /// How many seed this, and how many have it in part.
    ///
    /// # Panics
    /// If it does not answer.
    pub fn scrape(&self, infohash: &str) -> (u32, u32) {
        let path = format!("/scrape?info_hash={}", escaped(infohash));
        let answer = http::request(self.address, "GET", &path, &[], b"");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let number = |key: &str| {
            let (_, rest) = text.split_once(key)?;
            rest.split('e').next()?.parse().ok()
        };
        (number("8:completei").unwrap_or(0), number("10:incompletei").unwrap_or(0))
    }
}

fn escaped(infohash: &str) -> String {
    let pairs = infohash.as_bytes().chunks(2);
    pairs.map(|pair| format!("%{}", String::from_utf8_lossy(pair))).collect()
}

impl Drop for Tracker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
