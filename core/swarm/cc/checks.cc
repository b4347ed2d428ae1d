// What a session does to see who has an item's text: it meets its peers, asks for nothing and gives nothing.
#include <algorithm>

#include <libtorrent/alert_types.hpp>
#include <libtorrent/announce_entry.hpp>
#include <libtorrent/torrent_status.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/item_peers.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

// A tracker may name 200 peers at once, and all but these wait.
constexpr int check_connections = 32;

void scrape(lt::torrent_handle const& handle, int const trackers)
{
	for (int i = 0; i < trackers; ++i) handle.scrape_tracker(i);
}

// Whether a tracker still owes an answer. One that is left before it answered is not told the farewell, and would go on
// naming this node.
bool is_announcing(lt::torrent_handle const& handle)
{
	if (!handle.is_valid()) return false;
	for (auto const& tracker : handle.trackers())
		for (auto const& endpoint : tracker.endpoints)
			if (endpoint.info_hashes[lt::protocol_version::V1].updating) return true;
	return false;
}

}

void Session::check(lt::sha1_hash const& infohash, Torrent const& torrent, std::vector<std::string> trackers)
{
	remove(infohash, Kind::on_demand);
	if (auto const found = m_torrents.find(infohash); found != m_torrents.end()) {
		Kind const kind = found->second.kind;
		auto& handle = found->second.handle;
		if (kind == Kind::check || kind == Kind::rendezvous || kind == Kind::pages) return;
		// it asks them itself soon
		if (kind == Kind::fetch)
			for (auto const& url : trackers) handle.add_tracker(lt::announce_entry(url));
		scrape(handle, int(handle.trackers().size()));
		// A seed does not dial again whom it once saw to be another one; so it forgets them, unless it is serving.
		if (kind == Kind::hosted && handle.status({}).num_connections == 0) handle.clear_peers();
		return;
	}
	auto params = this->params(infohash, Kind::check, shape(*torrent));
	params.ti = torrent;
	params.max_connections = check_connections;
	int const count = int(trackers.size());
	params.trackers = std::move(trackers);
	// Paused until its trackers are forgotten again, or it would be announced to them: a scrape leaves nothing behind.
	params.flags |= lt::torrent_flags::paused | lt::torrent_flags::upload_mode | lt::torrent_flags::disable_lsd;
	if (!add(std::move(params), infohash, Kind::check)) return;
	if (Entry const* entry = find(infohash, Kind::check)) {
		scrape(entry->handle, count);
		entry->handle.replace_trackers({});
	}
	// resumed when it was "checked", see torrent_checked_alert
}

void Session::end_check(lt::sha1_hash const& infohash)
{
	Entry const* entry = find(infohash, Kind::check);
	if (!entry) return;
	if (!is_announcing(entry->handle)) return remove(infohash, Kind::check);
	if (std::find(m_ending.begin(), m_ending.end(), infohash) == m_ending.end()) m_ending.push_back(infohash);
}

void Session::watch_ending()
{
	auto const ending = std::move(m_ending);
	m_ending.clear();
	for (auto const& infohash : ending) end_check(infohash);
}

void Session::on_scraped(lt::sha1_hash const& infohash, lt::scrape_reply_alert const& reply)
{
	m_host->scraped(bytes(infohash), reply.tracker_url(), std::uint32_t(std::max(reply.complete, 0))
		, std::uint32_t(std::max(reply.incomplete, 0)));
}

}
