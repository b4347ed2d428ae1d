//! Which headers pass, and what becomes of them.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use upseed_serve::Reached;

use crate::host::Host;

/// What belongs to one connection and not to the request (RFC 9110, 7.6.1), and what others have
/// said about who asks: only the proxy itself knows that.
const NOT_PASSED: [&str; 21] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "host",
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-upseed-passed-on",
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The headers that pass, in either direction.
pub(crate) fn passed(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name_is = |other: &str| name.as_str() == other;
        if !NOT_PASSED.iter().any(|other| name_is(other)) && !named.iter().any(|n| name_is(n)) {
            passed.append(name, value.clone());
        }
    }
    passed
}

/// Cookies without those of a node on this host, which know no ports either: they open the node.
pub(crate) fn client_cookies(headers: &HeaderMap) -> Vec<HeaderValue> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| {
            let line = line.to_str().ok()?;
            let kept: Vec<&str> = line
                .split(';')
                .map(str::trim)
                .filter(|pair| !pair.is_empty() && !pair.starts_with("upseed-"))
                .collect();
            (!kept.is_empty()).then(|| kept.join("; ").parse().ok())?
        })
        .collect()
}

/// What the upstream gets: as if its own page asked it.
pub(crate) fn to_upstream(
    headers: &HeaderMap,
    host: &Host,
    ours: &Reached,
    from: IpAddr,
    html: bool,
) -> HeaderMap {
    let mut passed = passed(headers);
    passed.remove(header::COOKIE);
    for cookie in client_cookies(headers) {
        passed.append(header::COOKIE, cookie);
    }
    let (origin, prefix) = (host.origin(), host.prefix());
    if headers.contains_key(header::ORIGIN)
        && is_ours(headers, &ours.host)
        && let Ok(value) = origin.parse()
    {
        passed.insert(header::ORIGIN, value);
    }
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    if let Some(path) = referer.and_then(|referer| path_of_ours(referer, ours))
        && let Ok(value) = format!("{origin}{prefix}{path}").parse()
    {
        passed.insert(header::REFERER, value);
    }
    if html {
        // The page is changed on its way: it must be readable, whole, and not an older one.
        passed.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        for name in
            [header::RANGE, header::IF_RANGE, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
        {
            passed.remove(name);
        }
    }
    insert_forwarded(&mut passed, from);
    passed
}

/// Who asks, in the words of proxies.
pub(crate) fn insert_forwarded(headers: &mut HeaderMap, from: IpAddr) {
    if let Ok(from) = from.to_string().parse() {
        headers.insert(FORWARDED_FOR, from);
    }
}

/// Whether somebody else has passed the request on to us.
pub(crate) fn was_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

/// What the node gets: nothing of the client's log-in, and by which address it was asked.
pub(crate) fn to_node(headers: &HeaderMap, ours: &Reached, secret: &str) -> HeaderMap {
    let mut passed = passed(headers);
    for name in [header::COOKIE, header::AUTHORIZATION, header::REFERER] {
        passed.remove(name);
    }
    ours.write(&mut passed, secret);
    passed
}

/// Whether a request has no `Origin`, or one of ours.
pub(crate) fn is_ours(headers: &HeaderMap, ours: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.all(|value| {
        let origin = value.to_str().ok().and_then(|origin| origin.split_once("://"));
        origin.is_some_and(|(scheme, authority)| {
            matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(ours)
        })
    })
}

fn path_of_ours<'a>(address: &'a str, ours: &Reached) -> Option<&'a str> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let same = matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(&ours.host);
    let path = path.strip_prefix(&ours.prefix)?;
    (same && (path.is_empty() || path.starts_with('/'))).then_some(path)
}

/// What the browser gets of an upstream's answer: its own addresses and cookies as ours.
pub(crate) fn from_upstream(answer: &HeaderMap, ours: &Reached, host: &Host) -> HeaderMap {
    let mut passed = passed(answer);
    if let Some(to) = answer.get(header::LOCATION).and_then(|value| value.to_str().ok())
        && let Ok(to) = location(to, host, &ours.prefix).parse()
    {
        passed.insert(header::LOCATION, to);
    }
    passed.remove(header::SET_COOKIE);
    for cookie in answer.get_all(header::SET_COOKIE) {
        let changed = cookie.to_str().ok().map(|text| set_cookie(text, host.prefix(), ours));
        match changed.and_then(|text| text.parse().ok()) {
            Some(changed) => passed.append(header::SET_COOKIE, changed),
            None => passed.append(header::SET_COOKIE, cookie.clone()),
        };
    }
    passed
}

/// An address of the upstream as one of ours; any other as it is.
fn location(to: &str, host: &Host, ours: &str) -> String {
    let (origin, prefix) = (host.origin(), host.prefix());
    let path = match to.strip_prefix(&origin) {
        Some(path) if path.is_empty() || path.starts_with(['/', '?', '#']) => path,
        Some(_) => return to.to_owned(),
        None if to.starts_with('/') && !to.starts_with("//") => to,
        None => return to.to_owned(),
    };
    match path.strip_prefix(prefix) {
        Some(rest) if rest.starts_with('/') => format!("{ours}{rest}"),
        Some(rest) if rest.is_empty() || rest.starts_with(['?', '#']) => format!("{ours}/{rest}"),
        _ => format!("{ours}{path}"),
    }
}

/// A cookie without the upstream's place: its domain, its path, and `Secure` where the browser
/// speaks plain HTTP with us.
fn set_cookie(text: &str, prefix: &str, ours: &Reached) -> String {
    let mut kept = Vec::new();
    for part in text.split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            _ if kept.is_empty() => kept.push(part.to_owned()),
            "domain" => {}
            "secure" if !ours.secure => {}
            "path" => {
                let path = value.trim();
                let rest = path.strip_prefix(prefix).unwrap_or(path);
                let slash = if rest.starts_with('/') { "" } else { "/" };
                kept.push(format!(" Path={}{slash}{rest}", ours.prefix));
            }
            _ => kept.push(part.to_owned()),
        }
    }
    kept.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    fn reached(host: &str, prefix: &str, secure: bool) -> Reached {
        Reached { secure, host: host.into(), prefix: prefix.into(), brought: None }
    }

    #[test]
    fn a_page_of_ours_becomes_one_of_the_upstreams() {
        let (host, ours) = (host("http://127.0.0.1:8080/qbt/"), reached("nas", "/qb", true));
        for (referer, wanted) in [
            ("https://nas/qb/a?b", "http://127.0.0.1:8080/qbt/a?b"),
            ("https://nas/qb", "http://127.0.0.1:8080/qbt"),
            ("https://nas/qbx/a", "https://nas/qbx/a"),
            ("https://nas/other/a", "https://nas/other/a"),
            ("https://evil.example/qb/a", "https://evil.example/qb/a"),
        ] {
            let asked = HeaderMap::from_iter([(header::REFERER, referer.parse().unwrap())]);
            let from = IpAddr::from([203, 0, 113, 9]);
            let passed = to_upstream(&asked, &host, &ours, from, false);
            assert_eq!(passed[header::REFERER], wanted);
        }
    }

    #[test]
    fn redirects() {
        let plain = host("http://127.0.0.1:8080/");
        let below = host("https://nas.local/qbt/");
        for (host, to, wanted) in [
            (&plain, "/transmission/web/", "/transmission/web/"),
            (&plain, "http://127.0.0.1:8080/a?b#c", "/a?b#c"),
            (&plain, "http://127.0.0.1:8080", "/"),
            (&plain, "http://127.0.0.1:80801/a", "http://127.0.0.1:80801/a"),
            (&plain, "https://elsewhere.example/", "https://elsewhere.example/"),
            (&plain, "//elsewhere.example/", "//elsewhere.example/"),
            (&plain, "web/", "web/"),
            (&below, "/qbt/login", "/login"),
            (&below, "https://nas.local/qbt", "/"),
            (&below, "/other", "/other"),
            (&below, "/qbtx", "/qbtx"),
        ] {
            assert_eq!(location(to, host, ""), wanted, "{to}");
            let ours = wanted.starts_with('/') && !wanted.starts_with("//");
            let wanted = if ours { format!("/qb{wanted}") } else { wanted.to_owned() };
            assert_eq!(location(to, host, "/qb"), wanted, "{to}");
        }
    }

    #[test]
    fn cookies() {
        let given = "SID=path=a; Secure; HttpOnly; Path=/qbt/; Domain=nas.local; SameSite=Strict";
        let ours = "SID=path=a; HttpOnly; Path=/; SameSite=Strict";
        let plain = reached("nas", "", false);
        assert_eq!(set_cookie(given, "/qbt", &plain), ours);
        assert_eq!(set_cookie("Secure", "", &plain), "Secure");
        let below = reached("nas", "/qb", true);
        assert_eq!(set_cookie("SID=a; Secure; path=/", "", &below), "SID=a; Secure; Path=/qb/");
    }

    #[test]
    fn the_nodes_cookie_stays_here() {
        let with = |line: &str| HeaderMap::from_iter([(header::COOKIE, line.parse().unwrap())]);
        let kept = client_cookies(&with("a=b; upseed-7667=secret;SID=c==; QBT_SID_8080=d"));
        assert_eq!(kept, ["a=b; SID=c==; QBT_SID_8080=d"]);
        assert!(client_cookies(&with("upseed-7667=secret")).is_empty());
    }

    #[test]
    fn connections_keep_their_own() {
        let mut headers = HeaderMap::new();
        headers.insert("connection", HeaderValue::from_static("X-Mine, close"));
        headers.insert("x-mine", HeaderValue::from_static("1"));
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.2.3.4"));
        headers.insert("upgrade", HeaderValue::from_static("h2c"));
        headers.insert("cookie", HeaderValue::from_static("a=b"));
        assert_eq!(passed(&headers).keys().collect::<Vec<_>>(), ["cookie"]);
    }
}
