#include "upseed-swarm/cc/session.h"

#include <algorithm>
#include <chrono>

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/announce_entry.hpp>
#include <libtorrent/extensions/ut_metadata.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/session_stats.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/disk.h"
#include "upseed-swarm/cc/item_peers.h"

namespace upseed {
namespace {

// Bytes leave in about this time on a LAN; the timer runs only while some are waiting.
constexpr auto sending_interval = std::chrono::milliseconds(5);
// stop_tracker_timeout is 1 s; whoever does not end by now is not waited for.
constexpr auto stop_time = std::chrono::seconds(4);
// Of 200, the last places are kept free by libtorrent for peers that dial us.
constexpr int rendezvous_connections = 200;
// Addresses that are dialed by uTP alone and did not become a connection yet.
constexpr std::size_t most_punching = 64;
// Seconds between two looks at this machine's addresses.
constexpr int addresses_interval = 5;

bool has_routers(lt::settings_pack const& settings)
{
	int const name = lt::settings_pack::dht_bootstrap_nodes;
	return !settings.has_val(name) || !settings.get_str(name).empty();
}

}

Session::Session(lt::settings_pack settings, std::vector<Node> bootstrap, std::vector<char> const& state
	, rust::Box<Host> host)
	: m_host(std::move(host))
	, m_links(*m_host)
	, m_item_peers(item_peers(*m_host, Shape::text))
	, m_pack_peers(item_peers(*m_host, Shape::pack))
	, m_bootstrap(std::move(bootstrap))
	, m_dht_nodes_metric(lt::find_metric_idx("dht.dht_nodes"))
{
	settings.set_int(lt::settings_pack::alert_mask, int(static_cast<std::uint32_t>(
		lt::alert_category::error | lt::alert_category::status | lt::alert_category::dht_operation
		| lt::alert_category::port_mapping | lt::alert_category::stats)));

	// Started before its sockets are open, the DHT forgets the nodes of the saved state (2.0.8). So it waits for them.
	m_dht_later = settings.get_bool(lt::settings_pack::enable_dht);
	m_dht_wanted = m_dht_later;
	m_has_routers = has_routers(settings);
	m_addresses = local_addresses();
	m_routes = default_routes();
	settings.set_bool(lt::settings_pack::enable_dht, false);

	lt::session_params params;
	if (!state.empty()) try {
		params = lt::read_session_params(state, lt::session_handle::save_dht_state);
	} catch (std::exception const& error) {
		// the DHT is entered anew, that is all
		note(std::string("saved state: ") + error.what());
	}
	params.settings = std::move(settings);
	// Not libtorrent's defaults: ut_metadata belongs on items only, ut_pex nowhere.
	params.extensions = {unknown_torrents()};
	params.disk_io_constructor = [this](lt::io_context& context, lt::settings_interface const&, lt::counters&) {
		auto disk = std::make_unique<Disk>(context, *m_host);
		m_disk = disk.get();
		return disk;
	};
	m_session = std::make_unique<lt::session>(std::move(params), io, lt::session_flags_t{});
	m_session->set_alert_notify([this] {
		if (!m_pumping.exchange(true)) boost::asio::post(io, [this] { pump(); });
	});
	// what was queued before the line above notified nobody
	boost::asio::post(io, [this] { pump(); });
	boost::asio::post(io, [this] { stand_by(); });
	watch_counts();
}

Session::~Session() = default;

void Session::run()
{
	auto const guarded = [this](auto&& body) {
		for (;;) try {
			body();
			return;
		} catch (std::exception const& error) {
			note(std::string("network thread: ") + error.what());
		}
	};
	guarded([this] { io.run(); });
	// `stop` ended the loop above; libtorrent takes leave of trackers and closes its sockets in this one
	io.restart();
	guarded([this] { io.run_for(stop_time); });
	// not before run() has returned, or libtorrent's threads would still be using what it owns
	m_proxy = {};
}

void Session::stop()
{
	if (m_stopping) return;
	m_stopping = true;
	m_sending_timer.cancel();
	m_counts_timer.cancel();
	// `abort` only says that the destructor, which does the work, need not wait
	m_proxy = m_session->abort();
	m_session.reset();
	io.stop();
}

void Session::note(std::string const& message) const
{
	m_host->note(message);
}

Counts Session::counts() const
{
	return {m_dht_nodes, m_peers, m_hosted, m_given_on_demand, m_fetching, m_reading, m_checking, m_rendezvous};
}

std::vector<char> Session::state() const
{
	auto const flags = lt::session_handle::save_dht_state;
	return lt::write_session_params_buf(m_session->session_state(flags), flags);
}

void Session::gauge(Kind const kind, int const change)
{
	switch (kind) {
	case Kind::rendezvous: m_rendezvous += std::uint32_t(change); break;
	case Kind::hosted: m_hosted += std::uint32_t(change); break;
	case Kind::on_demand: m_given_on_demand += std::uint32_t(change); break;
	case Kind::pages: m_reading += std::uint32_t(change); break;
	case Kind::fetch: m_fetching += std::uint32_t(change); break;
	case Kind::check: m_checking += std::uint32_t(change); break;
	}
}

lt::add_torrent_params Session::params(lt::sha1_hash const& infohash, Kind const kind, Shape const shape)
{
	lt::add_torrent_params params;
	params.info_hashes = lt::info_hash_t(infohash);
	// Nothing is ever put there. Relative paths would be made absolute, a long string for each of 50,000 torrents.
	params.save_path = "/";
	bool const is_hosted = kind == Kind::hosted || kind == Kind::on_demand;
	params.storage_mode = is_hosted ? hosted_mode : fetched_mode;
	// libtorrent's own DHT announcing is one torrent a second, whatever their number: the caller has a schedule.
	params.flags = lt::torrent_flags::disable_dht | lt::torrent_flags::disable_pex | lt::torrent_flags::apply_ip_filter
		| lt::torrent_flags::duplicate_is_error;
	if (kind == Kind::rendezvous) {
		params.max_connections = rendezvous_connections;
		params.extensions.push_back([this, infohash](lt::torrent_handle const&, lt::client_data_t) {
			return up_sync(infohash, m_links);
		});
	} else {
		params.extensions.push_back(&lt::create_ut_metadata_plugin);
		auto const peers = shape == Shape::pack ? m_pack_peers : m_item_peers;
		params.extensions.push_back([peers](lt::torrent_handle const&, lt::client_data_t) { return peers; });
		if (!is_hosted)
			params.extensions.push_back([this, infohash](lt::torrent_handle const&, lt::client_data_t) {
				// A tracker that was told of us names us too. Which address the world sees is not known here.
				return named_peers(infohash, *m_host, [this](lt::tcp::endpoint const& addr) {
					return m_dialing || addr.port() == m_session->listen_port();
				});
			});
	}
	return params;
}

bool Session::add(lt::add_torrent_params params, lt::sha1_hash const& infohash, Kind const kind)
{
	lt::error_code error;
	lt::torrent_handle handle = m_session->add_torrent(std::move(params), error);
	if (error) {
		note("add torrent: " + error.message());
		return false;
	}
	m_torrents.insert_or_assign(infohash, Entry{kind, std::move(handle)});
	gauge(kind, 1);
	return true;
}

Session::Entry* Session::find(lt::sha1_hash const& infohash, Kind const kind)
{
	auto const found = m_torrents.find(infohash);
	return found != m_torrents.end() && found->second.kind == kind ? &found->second : nullptr;
}

void Session::remove(lt::sha1_hash const& infohash, Kind const kind)
{
	Entry const* entry = find(infohash, kind);
	if (!entry) return;
	auto const handle = entry->handle;
	m_torrents.erase(infohash);
	gauge(kind, -1);
	if (kind == Kind::on_demand) forget_on_demand(infohash);
	// a torrent that libtorrent has dropped by itself is no reason to stop
	if (handle.is_valid()) m_session->remove_torrent(handle);
}

void Session::fail_fetch(lt::sha1_hash const& infohash, FetchError const error, std::string const& detail)
{
	remove(infohash, Kind::fetch);
	m_host->fetch_failed(bytes(infohash), error, detail);
}

void Session::fail_hosted(lt::sha1_hash const& infohash, std::string const& reason)
{
	remove(infohash, Kind::hosted);
	remove(infohash, Kind::on_demand);
	m_host->host_failed(bytes(infohash), reason);
}

void Session::join(lt::sha1_hash const& rendezvous)
{
	if (m_torrents.count(rendezvous) == 0) add(params(rendezvous, Kind::rendezvous), rendezvous, Kind::rendezvous);
}

void Session::leave(lt::sha1_hash const& rendezvous)
{
	remove(rendezvous, Kind::rendezvous);
}

void Session::dial(lt::sha1_hash const& infohash, lt::tcp::endpoint const& addr)
{
	auto const found = m_torrents.find(infohash);
	if (found == m_torrents.end()) return;
	Kind const kind = found->second.kind;
	auto const& handle = found->second.handle;
	// As if a tracker had named it: that alone takes one failure off libtorrent's count, and the caller has its own back-off.
	m_dialing = true;
	handle.connect_peer(addr, lt::peer_info::tracker);
	m_dialing = false;
	if (kind == Kind::fetch || kind == Kind::pages) resume_without_peers(handle);
}

// Peers are dialed at the next tick, up to a second away, but at once when a torrent resumes. Pausing closes connections, so
// this is only for what has none.
void Session::resume_without_peers(lt::torrent_handle const& handle)
{
	if (handle.status({}).num_connections != 0) return;
	handle.pause();
	handle.resume();
}

void Session::punch(lt::sha1_hash const& rendezvous, lt::tcp::endpoint const& addr)
{
	if (!find(rendezvous, Kind::rendezvous)) return;
	// Those that libtorrent does not dial, since it is connected already or waits after a failure, stay in the list.
	if (m_links.punching.size() >= most_punching) m_links.punching.clear();
	m_links.punching.insert(addr);
	dial(rendezvous, addr);
}

void Session::add_tracker(lt::sha1_hash const& infohash, std::string const& url)
{
	auto const found = m_torrents.find(infohash);
	if (found != m_torrents.end()) found->second.handle.add_tracker(lt::announce_entry(url));
}

void Session::send(std::uint64_t const peer, std::vector<char> message)
{
	auto const found = m_links.open.find(peer);
	auto const link = found == m_links.open.end() ? nullptr : found->second.lock();
	if (!link) return;
	link->send(std::move(message));
	m_sending.push_back(link);
	if (!m_watching) watch_sending();
}

void Session::watch_sending()
{
	m_watching = true;
	m_sending_timer.expires_after(sending_interval);
	m_sending_timer.async_wait([this](boost::system::error_code const& cancelled) {
		m_watching = false;
		if (cancelled || m_stopping) return;
		auto sending = std::move(m_sending);
		m_sending.clear();
		std::sort(sending.begin(), sending.end(), std::owner_less<>());
		auto const same = [](auto const& a, auto const& b) { return !a.owner_before(b) && !b.owner_before(a); };
		sending.erase(std::unique(sending.begin(), sending.end(), same), sending.end());
		for (auto const& weak : sending)
			if (auto const link = weak.lock(); link && link->report_sent()) m_sending.push_back(weak);
		if (!m_sending.empty() && !m_watching) watch_sending();
	});
}

void Session::close(std::uint64_t const peer)
{
	auto const found = m_links.open.find(peer);
	if (found == m_links.open.end()) return;
	if (auto const link = found->second.lock()) link->close(lt::errors::stopping_torrent);
}

void Session::block(lt::ip_filter const& filter)
{
	m_session->set_ip_filter(filter);
}

void Session::reconfigure(lt::settings_pack settings)
{
	// Connections that are open would go on over the interface of before: a pause ends them all.
	m_session->pause();
	m_dht_wanted = settings.get_bool(lt::settings_pack::enable_dht);
	m_dht_off = !m_dht_wanted;
	m_has_routers = has_routers(settings);
	m_session->apply_settings(std::move(settings));
	m_session->resume();
}

void Session::dht_announce(lt::sha1_hash const& infohash)
{
	// Port 0 is the port of the socket that asks; implied: the one that a router shows to the world.
	m_session->dht_announce(infohash, 0, lt::dht::announce::implied_port);
}

void Session::dht_get_peers(lt::sha1_hash const& infohash)
{
	m_session->dht_get_peers(infohash);
}

void Session::dht_add_node(lt::tcp::endpoint const& addr)
{
	m_session->add_dht_node({addr.address().to_string(), addr.port()});
}

void Session::watch_counts()
{
	m_counts_timer.expires_after(std::chrono::seconds(1));
	m_counts_timer.async_wait([this](boost::system::error_code const& cancelled) {
		if (cancelled || m_stopping) return;
		m_session->post_session_stats();
		if (m_dht_nodes == 0)
			for (auto const& node : m_bootstrap) m_session->add_dht_node(node);
		m_peers = std::uint32_t(m_links.open.size());
		watch_ending();
		watch_on_demand();
		if (++m_seconds % addresses_interval == 0) watch_addresses();
		watch_counts();
	});
}

}
