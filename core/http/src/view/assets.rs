//! The files that need no secret.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use upseed_view::assets;

/// The stylesheet, the script, the picture.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = asset.etag();
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let zipped = accepts.is_some_and(|accepts| accepts.contains("gzip"));
    let body = if zipped { asset.gzip().to_vec() } else { asset.bytes.to_vec() };
    let mut response = ([(header::CONTENT_TYPE, asset.content_type)], body).into_response();
    for (name, value) in assets::HEADERS {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    if let Ok(etag) = etag.parse() {
        response.headers_mut().insert(header::ETAG, etag);
    }
    if zipped {
        let gzip = header::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    response
}
