// The libtorrent session and what it is used for. Network thread only, but for `io`, `counts` and `parse`.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/torrent_handle.hpp>

#include "rust/cxx.h"
#include "upseed-swarm/cc/addresses.h"
#include "upseed-swarm/cc/item.h"
#include "upseed-swarm/cc/link.h"
#include "upseed-swarm/src/bridge.rs.h"

namespace upseed {

class Disk;

// Address, and port.
using Node = std::pair<std::string, int>;

class Session {
public:
	Session(lt::settings_pack settings, std::vector<Node> bootstrap, std::vector<char> const& state, rust::Box<Host> host);
	~Session();

	void run();
	void stop();

	void join(lt::sha1_hash const& rendezvous);
	void leave(lt::sha1_hash const& rendezvous);
	void dial(lt::sha1_hash const& infohash, lt::tcp::endpoint const& addr);
	void punch(lt::sha1_hash const& rendezvous, lt::tcp::endpoint const& addr);
	void add_tracker(lt::sha1_hash const& infohash, std::string const& url);
	void send(std::uint64_t peer, std::vector<char> message);
	void close(std::uint64_t peer);
	void block(lt::ip_filter const& filter);
	void reconfigure(lt::settings_pack settings);

	// Texts, and packs.
	void host(std::vector<Torrent> const& torrents);
	void unhost(lt::sha1_hash const& infohash);
	void fetch(lt::sha1_hash const& infohash, Torrent const& torrent, std::vector<lt::tcp::endpoint> peers
		, std::vector<std::string> trackers);
	void cancel(lt::sha1_hash const& infohash);
	void read_pages(lt::sha1_hash const& infohash, std::uint64_t reader, Torrent const& torrent
		, std::vector<std::uint32_t> const& wanted, std::vector<lt::tcp::endpoint> peers
		, std::vector<std::string> trackers);
	void end_pages(lt::sha1_hash const& infohash, std::uint64_t reader);
	void check(lt::sha1_hash const& infohash, Torrent const& torrent, std::vector<std::string> trackers);
	void end_check(lt::sha1_hash const& infohash);

	void dht_announce(lt::sha1_hash const& infohash);
	void dht_get_peers(lt::sha1_hash const& infohash);
	void dht_add_node(lt::tcp::endpoint const& addr);

	std::vector<char> state() const;
	Counts counts() const;
	void note(std::string const& message) const;

	lt::io_context io{1};

private:
	enum class Kind { rendezvous, hosted, on_demand, fetch, pages, check };
	struct Entry {
		Kind kind;
		lt::torrent_handle handle;
		// Rust's name for who reads pages.
		std::uint64_t reader = 0;
	};
	// When anybody was connected last, in m_seconds.
	struct Used {
		lt::sha1_hash infohash;
		int last;
	};

	lt::add_torrent_params params(lt::sha1_hash const& infohash, Kind kind, Shape shape = Shape::text);
	bool add(lt::add_torrent_params params, lt::sha1_hash const& infohash, Kind kind);
	Entry* find(lt::sha1_hash const& infohash, Kind kind);
	void remove(lt::sha1_hash const& infohash, Kind kind);
	void resume_without_peers(lt::torrent_handle const& handle);
	void fail_fetch(lt::sha1_hash const& infohash, FetchError error, std::string const& detail);
	void fail_hosted(lt::sha1_hash const& infohash, std::string const& reason);
	void fail_pages(lt::sha1_hash const& infohash, FetchError error, std::string const& detail);
	void gauge(Kind kind, int change);

	std::shared_ptr<lt::plugin> unknown_torrents();
	bool make_on_demand(lt::sha1_hash const& infohash, lt::add_torrent_params& params);
	void keep_on_demand(lt::sha1_hash const& infohash);
	void forget_on_demand(lt::sha1_hash const& infohash);
	void watch_on_demand();
	void stand_by();

	void host_window();
	void host_one(Torrent const& torrent);
	void pump();
	void on_alert(lt::alert const* alert);
	void on_torrent_alert(lt::torrent_alert const* alert);
	void on_metadata(lt::sha1_hash const& infohash, Entry const& entry);
	void on_finished(lt::sha1_hash const& infohash, Entry const& entry);
	void on_pages_metadata(lt::sha1_hash const& infohash, Entry const& entry);
	void on_pages_finished(lt::sha1_hash const& infohash, Entry const& entry);
	void on_page(lt::sha1_hash const& infohash, lt::piece_index_t piece);
	void on_scraped(lt::sha1_hash const& infohash, lt::scrape_reply_alert const& reply);
	void watch_sending();
	void watch_ending();
	void watch_counts();
	void watch_addresses();
	void watch_dht();

	rust::Box<Host> m_host;
	Links m_links;
	std::shared_ptr<lt::torrent_plugin> const m_item_peers, m_pack_peers;
	bool m_stopping = false;
	bool m_watching = false;
	// An address is being added that no tracker named.
	bool m_dialing = false;
	bool m_dht_later = false;
	std::atomic<bool> m_pumping{false};
	std::unordered_map<lt::sha1_hash, Entry> m_torrents;
	std::vector<Node> const m_bootstrap;
	// Still to be added, first come first.
	std::deque<Torrent> m_to_host;
	// Torrents made for somebody who asked; few.
	std::vector<Used> m_on_demand;
	// Checks that are over but for a tracker's answer.
	std::vector<lt::sha1_hash> m_ending;
	// Peers with bytes still to go.
	std::vector<std::weak_ptr<Link>> m_sending;
	boost::asio::steady_timer m_sending_timer{io};
	boost::asio::steady_timer m_counts_timer{io};
	std::atomic<std::uint32_t> m_dht_nodes{0}, m_hosted{0}, m_fetching{0}, m_checking{0}, m_rendezvous{0}, m_peers{0}
		, m_given_on_demand{0}, m_reading{0};
	int const m_dht_nodes_metric;
	bool m_dht_off = false;
	// Settings say that there is to be a DHT, and that libtorrent's own routers lead into it.
	bool m_dht_wanted = false;
	bool m_has_routers = false;
	int m_dht_silence = 0;
	int m_dht_patience = 6;
	// As they were when sockets were looked after last, and how often that is still to be done; below 0, how long ago.
	std::vector<LocalAddress> m_addresses;
	std::vector<std::string> m_routes;
	int m_looks = 0;
	int m_seconds = 0;
	// Owned by the session.
	Disk* m_disk = nullptr;
	std::unique_ptr<lt::session> m_session;
	lt::session_proxy m_proxy;
};

}
