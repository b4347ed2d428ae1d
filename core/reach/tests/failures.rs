//! Servers that are none of those one wanted, and what is said of them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};

use upseed_reach::{Basic, Connection, Failure, Limits, Place, address};
use zeroize::Zeroizing;

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    answer: Duration::from_millis(500),
    silence: Duration::from_millis(500),
    bytes: 1_000,
};

/// Says that to whoever asks, and does not hang up before they do.
fn saying(said: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(said.as_bytes());
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    at
}

async fn asked(url: &str) -> Result<Vec<u8>, Failure> {
    let basic = Basic { user: "me".into(), password: Zeroizing::new("hunter2".into()) };
    let place = Place { url: address(url).unwrap(), basic: Some(basic), certificate: None };
    let connection = Connection::new(&place, LIMITS)?;
    let answer = connection.send("version", |http, url| http.get(url)).await?;
    connection.read(answer).await
}

#[tokio::test]
async fn each_failure_has_its_own_sentence() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = asked(&free.to_string()).await.unwrap_err();
    assert!(matches!(away, Failure::Away(_)), "{away:?}");
    let silent = asked(&saying(String::new())).await.unwrap_err();
    assert_eq!(silent, Failure::Late);
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_owned();
    assert_eq!(asked(&saying(half)).await.unwrap_err(), Failure::Late);
    let other = asked(&saying("SSH-2.0-OpenSSH_9.2\r\n".into())).await.unwrap_err();
    assert!(matches!(other, Failure::NotHttp(_)), "{other:?}");
    let plain = saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".into());
    let no_tls = asked(&format!("https://{plain}")).await.unwrap_err();
    assert!(matches!(no_tls, Failure::NoTls(_)), "{no_tls:?}");
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{}", "x".repeat(2_000));
    assert_eq!(asked(&saying(huge)).await.unwrap_err(), Failure::Large(1_000));
    let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned();
    assert_eq!(asked(&saying(good)).await.unwrap(), b"ok");
}

#[tokio::test]
async fn what_is_meant_for_one_host_is_never_told_to_another() {
    let other = TcpListener::bind("127.0.0.2:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let to = format!("http://{}/version", other.local_addr().unwrap());
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let said = format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(asked(&saying(said)).await.unwrap_err(), Failure::Redirected(to.clone()));
    }
    assert!(other.accept().is_err(), "nobody asked there");
    // One that leads in a circle ends, too.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let said = format!(
                "HTTP/1.1 302 Found\r\nLocation: /{number}/version\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(said.as_bytes());
        }
    });
    let circle = asked(&at.to_string()).await.unwrap_err();
    assert!(matches!(circle, Failure::Redirected(_)), "{circle:?}");
}
