//! The one line that a page gets.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use tokio_stream::{StreamExt as _, once};

use crate::{
    forward::{Forward, ForwardError},
    host::Host,
};

/// A page is held whole to look for its mark; a larger one is none of those that are marked
/// (VueTorrent's and Transmission's are below 10 KiB, qBittorrent's below 100).
const MAX_PAGE: usize = 4 << 20;

/// Whether an answer may be the page to change, by its headers.
pub(crate) fn is_page(status: StatusCode, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    status == StatusCode::OK
        && text(header::CONTENT_TYPE).is_some_and(|kind| kind.trim_start().starts_with("text/html"))
        && text(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity")
}

/// The page with the script, if it is marked; otherwise as it is. True if it was changed.
pub(crate) async fn with_script(
    mut answer: reqwest::Response,
    host: &Host,
    prefix: &str,
    forward: &Forward,
) -> Result<(Body, bool), ForwardError> {
    let mut page = Vec::new();
    while let Some(part) = forward.chunk(&mut answer).await? {
        page.extend_from_slice(&part);
        if page.len() > MAX_PAGE {
            let held = once(Ok::<_, axum::Error>(Bytes::from(page)));
            let rest = forward.streamed(answer).into_data_stream();
            return Ok((Body::from_stream(held.chain(rest)), false));
        }
    }
    let marked = host.marks.iter().any(|mark| find(&page, mark.as_bytes()).is_some());
    if marked {
        let line = format!("<script src=\"{prefix}{}\" defer></script>", host.script.path);
        let end = last_end(&page).unwrap_or(page.len());
        page.splice(end..end, line.into_bytes());
    }
    Ok((Body::from(page), marked))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

fn last_end(page: &[u8]) -> Option<usize> {
    page.windows(6).rposition(|part| part.eq_ignore_ascii_case(b"</body"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!(last_end(b"<body>'</body>'</BODY ></html>"), Some(15));
        assert_eq!(last_end(b"<p>"), None);
        assert_eq!(find(b"abcabc", b"ca"), Some(2));
        assert_eq!(find(b"", b"ca"), None);
    }
}
