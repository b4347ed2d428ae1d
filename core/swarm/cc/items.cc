// What a session does with items: hosting and fetching.
#include <algorithm>

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/announce_entry.hpp>
#include <libtorrent/extensions/smart_ban.hpp>
#include <libtorrent/hasher.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/disk.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

// Adding so many takes about 15 ms.
constexpr std::size_t host_window_size = 500;

}

void Session::host(std::vector<Torrent> const& torrents)
{
	bool const idle = m_to_host.empty();
	m_to_host.insert(m_to_host.end(), torrents.begin(), torrents.end());
	if (idle) host_window();
}

// Adds a few and posts itself for the rest, so that the network is served in between.
void Session::host_window()
{
	for (std::size_t i = 0; i < host_window_size && !m_to_host.empty() && !m_stopping; ++i) {
		Torrent const torrent = std::move(m_to_host.front());
		m_to_host.pop_front();
		host_one(torrent);
	}
	if (!m_to_host.empty() && !m_stopping) boost::asio::post(io, [this] { host_window(); });
}

void Session::host_one(Torrent const& torrent)
{
	auto const infohash = torrent->info_hashes().v1;
	if (find(infohash, Kind::hosted)) return;
	if (find(infohash, Kind::on_demand)) return keep_on_demand(infohash);
	// it was fetched elsewhere while the engine was still trying
	if (find(infohash, Kind::fetch)) fail_fetch(infohash, FetchError::Occupied, "now hosted");
	if (find(infohash, Kind::pages)) fail_pages(infohash, FetchError::Occupied, "now hosted");
	remove(infohash, Kind::check);
	auto params = this->params(infohash, Kind::hosted, shape(*torrent));
	params.ti = torrent;
	// In seed mode the text's hash is verified when somebody first asks for it, and not before.
	// LSD is switched on below: adding would multicast at once, 50,000 times at a start.
	params.flags |= lt::torrent_flags::seed_mode | lt::torrent_flags::disable_lsd;
	if (!add(std::move(params), infohash, Kind::hosted)) m_host->host_failed(bytes(infohash), "libtorrent refuses it");
	// libtorrent then multicasts one torrent a second, in turn
	else if (Entry const* entry = find(infohash, Kind::hosted)) entry->handle.unset_flags(lt::torrent_flags::disable_lsd);
}

void Session::unhost(lt::sha1_hash const& infohash)
{
	remove(infohash, Kind::on_demand);
	auto const same = [&](Torrent const& torrent) { return torrent->info_hashes().v1 == infohash; };
	m_to_host.erase(std::remove_if(m_to_host.begin(), m_to_host.end(), same), m_to_host.end());
	remove(infohash, Kind::hosted);
}

void Session::fetch(lt::sha1_hash const& infohash, Torrent const& torrent, std::vector<lt::tcp::endpoint> peers
	, std::vector<std::string> trackers)
{
	if (auto const* running = find(infohash, Kind::fetch)) {
		for (auto const& url : trackers) running->handle.add_tracker(lt::announce_entry(url));
		for (auto const& peer : peers) dial(infohash, peer);
		return;
	}
	remove(infohash, Kind::check);
	remove(infohash, Kind::on_demand);
	if (m_torrents.count(infohash) != 0) {
		m_host->fetch_failed(bytes(infohash), FetchError::Occupied, "already hosted here, or a rendezvous");
		return;
	}
	auto params = this->params(infohash, Kind::fetch);
	params.ti = torrent;
	params.extensions.push_back(&lt::create_smart_ban_plugin);
	params.peers = std::move(peers);
	params.trackers = std::move(trackers);
	// Paused, with its peers, and then resumed: libtorrent dials at once instead of at its next tick.
	params.flags |= lt::torrent_flags::paused;
	if (!add(std::move(params), infohash, Kind::fetch)) {
		m_host->fetch_failed(bytes(infohash), FetchError::Engine, "libtorrent refuses it");
		return;
	}
	// with a dictionary it must be "checked" first, see torrent_checked_alert
	if (!torrent)
		if (Entry const* entry = find(infohash, Kind::fetch)) entry->handle.resume();
}

void Session::cancel(lt::sha1_hash const& infohash)
{
	remove(infohash, Kind::fetch);
}

void Session::on_metadata(lt::sha1_hash const& infohash, Entry const& entry)
{
	auto const info = entry.handle.torrent_file();
	if (!info) return;
	if (char const* reason = misfit(*info, Shape::text)) return fail_fetch(infohash, FetchError::NotOneText, reason);
	auto const section = info->info_section();
	// libtorrent lets through what a pack may have
	if (section.size() > max_header) return fail_fetch(infohash, FetchError::NotOneText, "more than 4,096 bytes of metadata");
	// libtorrent also takes bytes whose truncated SHA-256 is the infohash (BEP 52)
	if (lt::hasher(section).final() != infohash)
		return fail_fetch(infohash, FetchError::WrongMetadata, "metadata of another infohash");
	m_host->metadata(bytes(infohash), slice(section));
}

void Session::on_finished(lt::sha1_hash const& infohash, Entry const& entry)
{
	auto const info = entry.handle.torrent_file();
	auto const* text = m_disk->fetched(infohash, lt::piece_index_t{0});
	// libtorrent has verified the piece; this guards our own disk
	if (!info || !text || lt::hasher(*text).final() != info->hash_for_piece(lt::piece_index_t{0}))
		return fail_fetch(infohash, FetchError::Engine, "the fetched bytes are not there");
	auto const section = info->info_section();
	m_host->fetched(bytes(infohash), slice(section), slice(*text));
	remove(infohash, Kind::fetch);
}

}
