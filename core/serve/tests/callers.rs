//! Callers as they come.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use upseed_serve::{Limits, serve};

/// So that a failing test does not hang; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(300);

const SOON: Duration = Duration::from_millis(300);

/// Two connections at a time, each of which may take so long over its headers.
async fn start(headers: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let app = Router::new()
        .route("/", get(async |ConnectInfo(who): ConnectInfo<SocketAddr>| who.to_string()))
        .route("/never", get(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let limits = Limits { headers, connections: 2, farewell: SOON };
    let served = serve(listener, app, limits, async { drop(stopped.await) });
    (address, stop, tokio::spawn(served))
}

async fn call(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What comes until the other side closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end too.
    let read = timeout(PATIENCE, stream.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "it is not closed");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn a_request_is_answered_and_knows_its_caller() {
    let (address, _stop, _task) = start(PATIENCE).await;
    let stream = call(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let me = stream.local_addr().unwrap().to_string();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&me), "{answer}");
}

#[tokio::test]
async fn whoever_dawdles_over_headers_is_cut_off_and_holds_nobody_up() {
    let (address, _stop, _task) = start(SOON).await;
    let slow = [call(address, "GET / HT").await, call(address, "").await];
    // Both places are taken; they come free.
    let third = call(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(rest(third).await.starts_with("HTTP/1.1 200"));
    for stream in slow {
        assert!(!rest(stream).await.contains(" 200 "));
    }
}

#[tokio::test]
async fn it_ends_although_an_answer_never_does() {
    let (address, stop, task) = start(PATIENCE).await;
    let stream = call(address, "GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let idle = call(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut first = [0; 12];
    let mut idle = idle;
    timeout(PATIENCE, idle.read_exact(&mut first)).await.unwrap().unwrap();
    stop.send(()).unwrap();
    timeout(PATIENCE, task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    drop(stream);
}
