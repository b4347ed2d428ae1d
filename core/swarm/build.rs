//! Finds libtorrent and compiles the C++ half of the bridge.

const SOURCES: [&str; 13] = [
    "addresses",
    "alerts",
    "checks",
    "clock",
    "disk",
    "engine",
    "item",
    "item_peers",
    "items",
    "link",
    "on_demand",
    "pages",
    "session",
];

fn main() {
    // the whole folder: cxx_build watches none of it
    println!("cargo:rerun-if-changed=cc");
    println!("cargo:rerun-if-changed=src/bridge.rs");

    let library = pkg_config::Config::new()
        .atleast_version("2.0.8")
        .probe("libtorrent-rasterbar")
        .unwrap_or_else(|error| {
            panic!(
                "Upseed needs libtorrent-rasterbar 2.0.8 or newer with its headers, found by pkg-config.\n\
                 Install it:\n  \
                 Debian, Ubuntu: apt install pkg-config g++ libtorrent-rasterbar-dev\n  \
                 Fedora:         dnf install pkgconf-pkg-config gcc-c++ rb_libtorrent-devel\n  \
                 Arch:           pacman -S pkgconf gcc libtorrent-rasterbar\n  \
                 Homebrew:       brew install pkgconf libtorrent-rasterbar\n\
                 What pkg-config said: {error}"
            )
        });

    let mut build = cxx_build::bridge("src/bridge.rs");
    build
        .std("c++17")
        .files(SOURCES.map(|file| format!("cc/{file}.cc")))
        .flag_if_supported("-Wall")
        .flag_if_supported("-Wextra");
    for path in &library.include_paths {
        // As system headers, or -Wextra would speak of libtorrent's; -isystem would hide /usr/include from libstdc++.
        build.flag(format!("-idirafter{}", path.display()));
    }
    // Every define: they change the layout of libtorrent's classes, so one left out is memory corruption, not an error.
    for (name, value) in &library.defines {
        build.define(name, value.as_deref());
    }
    build.compile("upseed-swarm-bridge");
}
