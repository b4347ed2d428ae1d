//! What the browser is told about the pages.

/// `Content-Security-Policy` of every page. `frame_ancestors` is `'none'` on the node's own
/// address, `'self'` behind a client's proxy.
pub fn csp(frame_ancestors: &str) -> String {
    format!("{CSP} frame-ancestors {frame_ancestors}")
}

/// The part that never changes. Nothing comes from elsewhere, nothing inline runs, and no string
/// can become a script or HTML in the page (Trusted Types without any policy).
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none';";

/// Further headers of every page.
///
/// `Referrer-Policy` is not `no-referrer`: with that a browser sends `Origin: null` with a form of
/// our own page, and the node could not tell it from a forged one.
pub const HEADERS: [(&str, &str); 5] = [
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];
