//! A node with a client's web UI and the view in it, in one process, for the browser tests:
//!
//! ```text
//! in_client qbittorrent|transmission UPSTREAM DATA [LISTEN]
//! ```
//!
//! Prints one line of JSON (`node`, `proxy`, `token`) once it answers, and ends with its input.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::Read as _;

use tokio::net::TcpListener;
use upseed_http::ServerConfig;
use upseed_node::{Config, SwarmConfig};
use upseed_proxy::{Addresses, Doorway, Hosts};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [client, upstream, data, more @ ..] = arguments.as_slice() else {
        panic!("in_client qbittorrent|transmission UPSTREAM DATA [LISTEN]");
    };
    let listening = ServerConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        hosts: Vec::new(),
        proxies: Vec::new(),
    };
    let node = Config {
        data: data.into(),
        swarm: SwarmConfig {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            ..SwarmConfig::default()
        },
        first_boards: vec!["upseed".parse().unwrap()],
    };
    let server = upseed_http::start(listening, node, None).await.unwrap();
    let listen = more.first().map_or("127.0.0.1:0", String::as_str);
    let listener = TcpListener::bind(listen).await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let minting = server.clone();
    let doorway = Doorway::new(server.address(), server.passing_on(), move || {
        minting.frame_token().map_err(|error| error.to_string())
    });
    let token = std::fs::read_to_string(std::path::Path::new(data).join("api-token")).unwrap();
    let shown = serde_json::json!({
        "node": server.address(), "proxy": proxy, "token": token.trim(),
    });
    println!("{shown}");
    let upstream = upstream.parse().unwrap();
    let addresses = Addresses::new(Hosts::new(proxy, &[]), &[]);
    let client = client.clone();
    let serving = tokio::spawn(async move {
        match client.as_str() {
            "qbittorrent" => {
                let stop = std::future::pending();
                upseed_qbittorrent::proxy::serve(listener, upstream, None, doorway, addresses, stop)
                    .await
            }
            _ => {
                let stop = std::future::pending();
                upseed_transmission::proxy::serve(
                    listener, upstream, None, doorway, addresses, stop,
                )
                .await
            }
        }
    });
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .unwrap()
        .unwrap();
    serving.abort();
    server.stop().await;
}
