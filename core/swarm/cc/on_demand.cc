// Items of which this session has no torrent: one is made when somebody asks, and dropped when nobody is left.
#include <algorithm>
#include <functional>
#include <random>

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

// At once; above it the one that was used the longest ago goes.
constexpr std::size_t most_on_demand = 64;
// Seconds without anybody.
constexpr int idle_time = 10;

class UnknownTorrents final : public lt::plugin {
public:
	using Find = std::function<bool(lt::sha1_hash const&, lt::add_torrent_params&)>;
	explicit UnknownTorrents(Find find) : m_find(std::move(find)) {}

private:
	bool on_unknown_torrent(lt::info_hash_t const& infohash, lt::peer_connection_handle const&
		, lt::add_torrent_params& params) override
	{
		return m_find(infohash.v1, params);
	}

	Find const m_find;
};

}

std::shared_ptr<lt::plugin> Session::unknown_torrents()
{
	return std::make_shared<UnknownTorrents>([this](lt::sha1_hash const& infohash, lt::add_torrent_params& params) {
		try {
			return make_on_demand(infohash, params);
		} catch (std::exception const& error) {
			note(std::string("an item on demand: ") + error.what());
			return false;
		}
	});
}

// Says what torrent the peer is to be given, or that there is none.
bool Session::make_on_demand(lt::sha1_hash const& infohash, lt::add_torrent_params& params)
{
	if (m_stopping || m_torrents.count(infohash) != 0) return false;
	auto const info = m_host->on_demand(bytes(infohash));
	if (info.empty()) return false;
	auto const size = std::ptrdiff_t(info.size());
	auto const torrent = parse(infohash, {reinterpret_cast<char const*>(info.data()), size}, Shape::text);
	params = this->params(infohash, Kind::on_demand);
	params.ti = torrent;
	// "Checked" at once: a peer that finds it being checked is sent away.
	params.flags |= lt::torrent_flags::seed_mode | lt::torrent_flags::no_verify_files | lt::torrent_flags::disable_lsd;
	params.extensions.push_back([this, infohash](lt::torrent_handle const& handle, lt::client_data_t) {
		m_torrents.insert_or_assign(infohash, Entry{Kind::on_demand, handle});
		gauge(Kind::on_demand, 1);
		m_on_demand.push_back({infohash, m_seconds});
		return std::shared_ptr<lt::torrent_plugin>();
	});
	// not now: libtorrent is among its torrents
	if (m_on_demand.size() >= most_on_demand) boost::asio::post(io, [this] {
		auto const older = [](Used const& a, Used const& b) { return a.last < b.last; };
		auto const oldest = std::min_element(m_on_demand.begin(), m_on_demand.end(), older);
		if (m_on_demand.size() <= most_on_demand || m_stopping) return;
		lt::sha1_hash const last = oldest->infohash;
		remove(last, Kind::on_demand);
	});
	return true;
}

// It is hosted from now on.
void Session::keep_on_demand(lt::sha1_hash const& infohash)
{
	Entry* entry = find(infohash, Kind::on_demand);
	if (!entry) return;
	entry->kind = Kind::hosted;
	gauge(Kind::on_demand, -1);
	gauge(Kind::hosted, 1);
	forget_on_demand(infohash);
	entry->handle.unset_flags(lt::torrent_flags::disable_lsd);
}

void Session::forget_on_demand(lt::sha1_hash const& infohash)
{
	auto const same = [&](Used const& used) { return used.infohash == infohash; };
	m_on_demand.erase(std::remove_if(m_on_demand.begin(), m_on_demand.end(), same), m_on_demand.end());
}

void Session::watch_on_demand()
{
	std::vector<lt::sha1_hash> idle;
	for (auto& used : m_on_demand) {
		Entry const* entry = find(used.infohash, Kind::on_demand);
		if (entry && entry->handle.status({}).num_connections > 0) used.last = m_seconds;
		else if (m_seconds - used.last > idle_time) idle.push_back(used.infohash);
	}
	for (auto const& infohash : idle) remove(infohash, Kind::on_demand);
}

// libtorrent hears nobody out as long as it has no torrent. This one has nothing, and nobody knows of it.
void Session::stand_by()
{
	if (m_stopping) return;
	lt::add_torrent_params params;
	std::random_device random;
	std::generate(params.info_hashes.v1.begin(), params.info_hashes.v1.end(), [&] { return std::uint8_t(random()); });
	params.save_path = "/";
	params.flags = lt::torrent_flags::disable_dht | lt::torrent_flags::disable_lsd | lt::torrent_flags::disable_pex;
	lt::error_code error;
	m_session->add_torrent(std::move(params), error);
	if (error) note("stand by: " + error.message());
}

}
