// The face that Rust sees. Any thread may call it: it posts to the network thread, which alone touches Session.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "rust/cxx.h"

namespace upseed {

struct Counts;
struct Endpoint;
struct Host;
struct Item;
struct Range;
struct Setting;
class Session;

using Infohash = std::array<std::uint8_t, 20>;
using Bytes = rust::Slice<std::uint8_t const>;

class Engine {
public:
	explicit Engine(std::unique_ptr<Session> session);
	~Engine();

	void run() const;
	void stop() const;

	void join(Infohash const& rendezvous) const;
	void leave(Infohash const& rendezvous) const;
	void dial(Infohash const& infohash, Endpoint addr) const;
	void punch(Infohash const& rendezvous, Endpoint addr) const;
	void add_tracker(Infohash const& infohash, rust::Str url) const;
	void send(std::uint64_t peer, Bytes frame) const;
	void close(std::uint64_t peer) const;
	void block(rust::Slice<Range const> ranges) const;
	void reconfigure(rust::Slice<Setting const> settings) const;

	void host(rust::Slice<Item const> items) const;
	void host_pack(Infohash const& infohash, Bytes info) const;
	void unhost(Infohash const& infohash) const;
	void fetch(Infohash const& infohash, Bytes info, rust::Slice<Endpoint const> peers
		, rust::Vec<rust::String> const& trackers) const;
	void cancel(Infohash const& infohash) const;
	void read_pages(Infohash const& infohash, std::uint64_t reader, Bytes info, rust::Slice<std::uint32_t const> wanted
		, rust::Slice<Endpoint const> peers, rust::Vec<rust::String> const& trackers) const;
	void end_pages(Infohash const& infohash, std::uint64_t reader) const;
	void check(Infohash const& infohash, Bytes info, rust::Vec<rust::String> const& trackers) const;
	void end_check(Infohash const& infohash) const;

	void dht_announce(Infohash const& infohash) const;
	void dht_get_peers(Infohash const& infohash) const;
	void dht_add_node(Endpoint addr) const;

	Counts counts() const;
	std::unique_ptr<std::string> state() const;

private:
	template <typename Task> void post(Task task) const;

	std::unique_ptr<Session> m_session;
};

std::shared_ptr<Engine> start_engine(rust::Slice<Setting const> settings, rust::Vec<rust::String> const& bootstrap
	, Bytes state, rust::Box<Host> host);

/// Of the library that is really loaded.
rust::String libtorrent_version();

}
