//! A stock torrent client: Debian's python3-libtorrent, which knows nothing of Upseed.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// A running stock client on loopback. It lives two minutes at most, and ends when dropped.
pub struct Stock {
    child: Child,
    told: BufReader<ChildStdout>,
    folder: TempDir,
}

/// What a stock client downloaded.
#[derive(Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// The info dictionary, byte for byte.
    pub info: Vec<u8>,
    /// The file.
    pub text: Vec<u8>,
}

impl Stock {
    /// Downloads what a .torrent file or a magnet link names from `peer`, and goes on seeding it.
    /// A magnet link's own `x.pe` is enough without `peer`.
    ///
    /// # Panics
    /// If it is not downloaded, or python3-libtorrent is not installed.
    pub fn download(what: &str, peer: Option<SocketAddr>) -> (Self, Downloaded) {
        let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
        let mut stock = Self::start("127.0.0.1", "download", &[what, &peer]);
        let info = unhex(&stock.line());
        let text = unhex(&stock.line());
        (stock, Downloaded { info, text })
    }

    /// Seeds a text by its .torrent, from a folder of its own.
    ///
    /// # Panics
    /// If the text is not what the .torrent says.
    pub fn seed(torrent: &Path, text: &[u8]) -> Self {
        Self::seed_at("127.0.0.1", torrent, text)
    }

    /// Likewise, at another address of this machine.
    ///
    /// # Panics
    /// As [`Stock::seed`].
    pub fn seed_at(address: &str, torrent: &Path, text: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("the temporary file can be written");
        let (torrent, text) = (path(torrent), path(file.path()));
        let mut stock = Self::start(address, "seed", &[&torrent, &text]);
        assert_eq!(stock.line(), "seeding");
        stock
    }

    /// Has it connect to a peer.
    ///
    /// # Panics
    /// If it has ended.
    pub fn dial(&mut self, peer: SocketAddr) {
        self.say(&format!("dial {peer}"));
    }

    /// Where it listens on loopback.
    pub fn addr(&mut self) -> SocketAddr {
        self.say("port");
        let port = self.line().parse().expect("it tells its port");
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// The folder in which it keeps files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn start(address: &str, what: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src", "stock_peer.py"].iter().collect();
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(what)
            .arg(folder.path())
            .args(arguments)
            .env("STOCK_ADDRESS", address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("these tests need /usr/bin/python3 and python3-libtorrent (`make test` installs them)");
        let told = BufReader::new(child.stdout.take().expect("it was started with a pipe"));
        Self { child, told, folder }
    }

    fn say(&mut self, line: &str) {
        use std::io::Write as _;
        let stdin = self.child.stdin.as_mut().expect("it was started with a pipe");
        writeln!(stdin, "{line}").expect("the stock client still runs");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let length = self.told.read_line(&mut line).expect("the stock client writes text");
        assert!(length > 0, "the stock client ended (see above; is python3-libtorrent installed?)");
        line.trim().to_owned()
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let ended = self.child.wait();
        assert!(ended.is_ok() || std::thread::panicking(), "the stock client is gone: {ended:?}");
    }
}

fn path(path: &Path) -> String {
    path.to_str().expect("temporary paths are UTF-8").to_owned()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex from our own script");
    (0..hex.len()).step_by(2).map(digit).collect()
}
