# Each target installs what it needs. `make demo` and `make test` are the two to know.

# What the engine is built with, and what the tests run beside it.
BUILD_PACKAGES = g++ make pkg-config libtorrent-rasterbar-dev libssl-dev
TEST_PACKAGES = python3 python3-libtorrent iproute2 nftables chromium mmdebstrap opentracker \
	qbittorrent-nox transmission-daemon deluged deluge-web deluge-console nginx caddy \
	$(EGG_PACKAGES) deluge-gtk xauth xvfb python3-pytest mypy python3-venv systemd

# What the egg of the Deluge plugin is made with.
EGG_PACKAGES = python3 patchelf binutils

# What packages of other releases are made with, and what `make dist-test` runs.
DIST_PACKAGES = $(EGG_PACKAGES) dpkg-dev mmdebstrap git
DIST_TEST_PACKAGES = mmdebstrap chromium curl iproute2 podman crun

.PHONY: demo test build deluge-egg dist dist-test pictures bench check generate fuzz packages test-packages clients nextest

## A private swarm of six people on this machine, you among them.
demo: packages
	cargo run --quiet --bin upseed -- demo

## Every check and every test, as CI runs them.
test: check fuzz clients nextest
	cargo build --workspace --bins
	cargo build -p upseed-tests --examples
	deluge-plugin/egg --debug
	tests/browser/run
	cargo nextest run --workspace

## The release command, target/release/upseed.
build: packages
	cargo build --release --bin upseed

## The plugin for Deluge, target/deluge/Upseed-<version>.egg, and the Python module as a wheel beside it.
deluge-egg: packages
	@scripts/packages $(EGG_PACKAGES)
	deluge-plugin/egg

## What people download, in target/dist: packages for Debian 12 and 13, a tar.gz, the egg, a wheel, a container's parts.
dist: packages
	@scripts/packages $(DIST_PACKAGES)
	packaging/dist

## Installs that in bare Debians, as a stranger would; as root. `packaging/test deb` tries one of them.
dist-test:
	@scripts/packages $(DIST_TEST_PACKAGES)
	packaging/test

## The pictures of the view in docs/pictures.
pictures: test-packages
	cargo build --bin upseed
	cargo build -p upseed-tests --examples
	tests/browser/run pictures

## The figures of docs/performance.md.
bench: packages
	scripts/bench

## Form, lints, documentation and its examples, dependencies, and files that are generated.
check: packages test-packages
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --workspace
	cargo test --quiet --doc --workspace
	cargo run --quiet -p upseed --example reference | diff -u docs/cli.md - || { echo "docs/cli.md is stale: run 'make generate'" >&2; exit 1; }
	scripts/deny

## Writes what is generated from the code: docs/cli.md.
generate: packages
	cargo run --quiet -p upseed --example reference >target/cli.md
	mv target/cli.md docs/cli.md

## Replays every corpus, then fuzzes each parser for ten seconds.
fuzz: packages
	fuzz/run.sh 10

packages:
	@scripts/packages $(BUILD_PACKAGES)

test-packages: packages
	@scripts/packages $(TEST_PACKAGES)
	@command -v npm >/dev/null || scripts/packages nodejs npm

# The clients of another generation, in folders outside of this one, each made once. Tests have no network to do it.
clients: test-packages
	@tests/clients/trixie >/dev/null
	@tests/clients/pypi-deluge >/dev/null

# Unoptimised: it waits for tests, and is compiled in half the time.
nextest: test-packages
	@command -v cargo-nextest >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug cargo-nextest
