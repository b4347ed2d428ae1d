//! The smallest HTTP client, so that tests can send what no decent client would.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

/// What the server answered.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header lines as they came, without the status line.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as JSON; `Value::Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The first header of this name (any case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Sends one request and reads the whole answer. `headers` are sent as they are; `Host` is added
/// unless they have one.
///
/// # Panics
/// If the server cannot be reached or does not speak HTTP.
pub fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    let mut stream = BufReader::new(send(to, method, path, headers, body));
    let (status, headers) = head(&mut stream);
    let mut answer = Response { status, headers, body: Vec::new() };
    // Some servers keep the connection although they are asked to close it.
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    let whole = stream.take(length.unwrap_or(u64::MAX)).read_to_end(&mut answer.body);
    whole.expect("the server ends its answer");
    answer
}

/// An open stream of server-sent events.
pub struct Events(BufReader<TcpStream>);

impl Events {
    /// Opens the stream.
    ///
    /// # Panics
    /// If the answer is not 200.
    pub fn open(to: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = BufReader::new(send(to, "GET", path, headers, b""));
        let (status, headers) = head(&mut stream);
        assert_eq!(status, 200, "{headers:?}");
        Self(stream)
    }

    /// The next event's data as JSON; `None` once the server has closed the stream.
    ///
    /// # Panics
    /// If nothing comes for a minute.
    pub fn next_event(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            // Chunk sizes are lines too, and are passed over like comments.
            if self.0.read_line(&mut line).expect("an event within a minute") == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data:") {
                return Some(serde_json::from_str(data.trim()).expect("events are JSON"));
            }
        }
    }
}

fn send(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> TcpStream {
    let mut stream = TcpStream::connect(to).expect("the server listens");
    stream.set_read_timeout(Some(crate::PATIENCE)).expect("a timeout can be set");
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head += &format!("Host: {to}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    // The server may refuse and close before it has read everything.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    stream
}

fn head(stream: &mut BufReader<TcpStream>) -> (u16, Vec<String>) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let length = stream.read_line(&mut line).expect("the server answers within a minute");
        assert!(length > 0, "the server closed without an answer; so far: {lines:?}");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let status = lines.remove(0);
    let code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    (code.unwrap_or_else(|| panic!("not a status line: {status}")), lines)
}
