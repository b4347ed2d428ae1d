//! Where a page is.

use axum::http::Uri;

/// What [`upseed_view::Links`] and forms add to an address.
const ADDED: [&str; 3] = ["said=", "token=", "theme="];

/// A page's address below the prefix, without what is added to it.
pub(super) fn here(uri: &Uri) -> String {
    let path = uri.path().trim_start_matches("/upseed/");
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !ADDED.iter().any(|name| pair.starts_with(name)))
        .collect();
    match kept.as_slice() {
        [] => path.to_owned(),
        some => format!("{path}?{}", some.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_left_out() {
        for (address, wanted) in [
            ("/upseed/", ""),
            ("/upseed/b/garden?sort=new&token=0&theme=dark", "b/garden?sort=new"),
            ("/upseed/me?said=saved", "me"),
        ] {
            assert_eq!(here(&address.parse().unwrap()), wanted);
        }
    }
}
