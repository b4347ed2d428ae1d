//! qBittorrent 5.2 as its documentation describes it, played: nobody can run one here yet.
#![allow(clippy::unwrap_used, missing_docs)]

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
    routing::{get, post},
};
use tokio::net::TcpListener;
use upseed_qbittorrent::{
    Settings,
    api::{Api, ApiError, Version},
};
use zeroize::Zeroizing;

const KEY: &str = "qbt_0123456789abcdefghijklmnop";

fn logged_in(headers: &HeaderMap) -> bool {
    let has = |name, wanted: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|v| v.contains(wanted))
    };
    has(header::COOKIE, "QBT_SID_8080=secret")
        || has(header::AUTHORIZATION, &format!("Bearer {KEY}"))
}

/// A 5.2: 204 instead of "Ok.", 401 for wrong passwords, another cookie, 409 for what it has.
async fn played() -> String {
    let log_in = async |body: String| {
        if body == "username=admin&password=right" {
            let cookie = "QBT_SID_8080=secret; HttpOnly; SameSite=Strict; path=/";
            (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
        } else {
            StatusCode::UNAUTHORIZED.into_response()
        }
    };
    let guarded = |answer: &'static str| {
        get(async move |headers: HeaderMap| {
            if logged_in(&headers) {
                answer.into_response()
            } else {
                StatusCode::FORBIDDEN.into_response()
            }
        })
    };
    let app = Router::new()
        .route("/api/v2/auth/login", post(log_in))
        .route("/api/v2/app/version", guarded("v5.2.0"))
        .route("/api/v2/app/webapiVersion", guarded("2.16.0"))
        .route("/api/v2/torrents/add", post(async || StatusCode::CONFLICT))
        .route("/api/v2/torrents/start", post(async || StatusCode::NO_CONTENT));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn its_answers_are_understood() {
    let url = played().await;
    let api = Api::new(Settings::new(&url, "admin", "right").unwrap()).unwrap();
    let (program, version) = api.versions().await.unwrap();
    assert_eq!((program.as_str(), version), ("5.2.0", Version(2, 16, 0)));
    assert!(!api.add(&[("a.torrent".into(), b"d".to_vec())], &[]).await.unwrap(), "it has it");
    api.start(version, "00").await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let url = played().await;
    let api = Api::new(Settings::new(&url, "admin", "wrong").unwrap()).unwrap();
    for _ in 0..3 {
        let error = api.versions().await.unwrap_err();
        assert!(matches!(&error, ApiError::Refused(_)), "{error}");
        assert!(!error.to_string().contains("\"wrong\""));
    }
}

#[tokio::test]
async fn an_api_key_needs_no_log_in() {
    let url = played().await;
    let mut settings = Settings::new(&url, "", "").unwrap();
    settings.api_key = Some(Zeroizing::new(KEY.into()));
    assert!(!format!("{settings:?}").contains(KEY));
    Api::new(settings).unwrap().versions().await.unwrap();
    let mut settings = Settings::new(&url, "", "").unwrap();
    settings.api_key = Some(Zeroizing::new("qbt_other".into()));
    let error = Api::new(settings).unwrap().versions().await.unwrap_err();
    assert!(error.to_string().contains("key"), "{error}");
}
