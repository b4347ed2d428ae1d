//! What a page costs the database: each text is read once, whatever stands around it.
#![allow(clippy::unwrap_used)]

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
};

use tracing_subscriber::EnvFilter;
use upseed_http::{ServerConfig, start};
use upseed_node::{Config, NewComment, NewPost, SwarmConfig};

const COMMENTS: usize = 200;

/// Comments that the first page of such a thread shows.
const SHOWN: usize = 60;

/// The statements that ran, in order: the store tells each in one piece.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl io::Write for Statements {
    fn write(&mut self, statement: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8_lossy(statement).into_owned());
        Ok(statement.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn get(from: SocketAddr, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(from).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {from}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_page_reads_each_text_once() {
    let statements = Statements::default();
    let writer = statements.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("upseed_store::sql=trace"))
        .without_time()
        .with_target(false)
        .with_level(false)
        .with_writer(move || writer.clone())
        .init();
    let folder = tempfile::tempdir().unwrap();
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config {
        data: folder.path().join("data"),
        swarm: SwarmConfig { listen: Some(anywhere), ..SwarmConfig::default() },
        first_boards: Vec::new(),
    };
    let listening = ServerConfig { listen: anywhere, hosts: Vec::new(), proxies: Vec::new() };
    let server = start(listening, config, None).await.unwrap();
    let node = server.node();
    let (board, title) = ("upseed".parse().unwrap(), "A long thread".parse().unwrap());
    let post = node.post(NewPost { board, title, text: b"The root.\n".to_vec() }).await.unwrap();
    let parent = post.infohash();
    for number in 0..COMMENTS {
        let text = format!("Comment {number}.\n").into_bytes();
        node.comment(NewComment { parent, text }).await.unwrap();
    }
    let (from, token) = (server.address(), node.folder().token().unwrap());
    let path = format!("/upseed/t/{}", post.infohash());
    // Now and then the node has something to do by itself: the quietest of a few counts.
    let quietest = tokio::task::spawn_blocking(move || {
        let mut counts = Vec::new();
        for _ in 0..5 {
            statements.0.lock().unwrap().clear();
            let page = get(from, &path, &token);
            let ran = std::mem::take(&mut *statements.0.lock().unwrap());
            assert_eq!(page.matches("Comment ").count(), SHOWN, "{page}");
            let rows = ran.iter().filter(|sql| sql.contains("t.text END")).count();
            let selects = ran.iter().filter(|sql| sql.starts_with("SELECT")).count();
            counts.push((selects, rows));
        }
        counts.into_iter().min().unwrap()
    });
    let (selects, rows) = quietest.await.unwrap();
    assert_eq!(rows, SHOWN + 1, "the root and what is shown of its comments");
    assert!(selects <= SHOWN + 60, "{selects} statements");
    server.stop().await;
}
