// What a session does to read pieces of a pack: its metadata, and of the file only what is asked for.
#include <functional>

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/extensions/smart_ban.hpp>
#include <libtorrent/hasher.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/disk.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

// Each of them is asked for the metadata before it is known who gives it.
constexpr int pages_connections = 4;

// Takes a piece before libtorrent looks whether it was the last one: as long as more is wanted the connection stays. A torrent
// that has all it wants says so, and stock seeds then part.
class Pieces final : public lt::torrent_plugin {
public:
	explicit Pieces(std::function<void(lt::piece_index_t)> take) : m_take(std::move(take)) {}

private:
	void on_piece_pass(lt::piece_index_t const piece) override { m_take(piece); }

	std::function<void(lt::piece_index_t)> const m_take;
};

template <typename Wanted>
std::vector<lt::download_priority_t> priorities(lt::torrent_info const& info, Wanted const& wanted)
{
	std::vector<lt::download_priority_t> priorities(std::size_t(info.num_pieces()), lt::dont_download);
	for (std::uint32_t const piece : wanted)
		if (piece < priorities.size()) priorities[piece] = lt::default_priority;
	return priorities;
}

}

void Session::read_pages(lt::sha1_hash const& infohash, std::uint64_t const reader, Torrent const& torrent
	, std::vector<std::uint32_t> const& wanted, std::vector<lt::tcp::endpoint> peers, std::vector<std::string> trackers)
{
	remove(infohash, Kind::check);
	if (m_torrents.count(infohash) != 0) {
		m_host->pages_failed(reader, FetchError::Occupied, "hosted, fetched or read here, or a rendezvous");
		return;
	}
	auto params = this->params(infohash, Kind::pages, Shape::pack);
	params.ti = torrent;
	if (torrent) params.piece_priorities = priorities(*torrent, wanted);
	params.extensions.push_back(&lt::create_smart_ban_plugin);
	params.extensions.push_back([this, infohash](lt::torrent_handle const&, lt::client_data_t) {
		return std::make_shared<Pieces>([this, infohash](lt::piece_index_t const piece) { on_page(infohash, piece); });
	});
	params.max_connections = pages_connections;
	params.peers = std::move(peers);
	params.trackers = std::move(trackers);
	// As for a text: dialed at once when it resumes.
	params.flags |= lt::torrent_flags::paused;
	if (!add(std::move(params), infohash, Kind::pages)) {
		m_host->pages_failed(reader, FetchError::Engine, "libtorrent refuses it");
		return;
	}
	Entry* entry = find(infohash, Kind::pages);
	entry->reader = reader;
	if (!torrent) entry->handle.resume();
}

void Session::end_pages(lt::sha1_hash const& infohash, std::uint64_t const reader)
{
	Entry const* entry = find(infohash, Kind::pages);
	if (entry && entry->reader == reader) remove(infohash, Kind::pages);
}

void Session::fail_pages(lt::sha1_hash const& infohash, FetchError const error, std::string const& detail)
{
	Entry const* entry = find(infohash, Kind::pages);
	if (!entry) return;
	auto const reader = entry->reader;
	remove(infohash, Kind::pages);
	m_host->pages_failed(reader, error, detail);
}

void Session::on_pages_finished(lt::sha1_hash const& infohash, Entry const& entry)
{
	remove(infohash, Kind::pages);
	m_host->pages_ended(entry.reader);
}

// At this time all pieces are wanted, and libtorrent asks for none before its disk has "checked" them, which comes after this
// alert. With none wanted it would be a seed for a moment, and say so.
void Session::on_pages_metadata(lt::sha1_hash const& infohash, Entry const& entry)
{
	auto const info = entry.handle.torrent_file();
	if (!info) return;
	if (char const* reason = misfit(*info, Shape::pack)) return fail_pages(infohash, FetchError::NotOneText, reason);
	auto const section = info->info_section();
	// as with a text's, see on_metadata
	if (lt::hasher(section).final() != infohash)
		return fail_pages(infohash, FetchError::WrongMetadata, "metadata of another infohash");
	auto const wanted = m_host->choose_pages(entry.reader, slice(section));
	if (wanted.empty()) return on_pages_finished(infohash, entry);
	entry.handle.prioritize_pieces(priorities(*info, wanted));
}

void Session::on_page(lt::sha1_hash const& infohash, lt::piece_index_t const piece)
{
	Entry const* entry = find(infohash, Kind::pages);
	auto const info = entry ? entry->handle.torrent_file() : nullptr;
	auto const* page = m_disk->fetched(infohash, piece);
	// this guards our own disk
	if (!info || !page || lt::hasher(*page).final() != info->hash_for_piece(piece)) return note("a piece is not there");
	auto const handle = entry->handle;
	for (std::uint32_t const more : m_host->page(entry->reader, std::uint32_t(static_cast<int>(piece)), slice(*page)))
		handle.piece_priority(lt::piece_index_t(int(more)), lt::default_priority);
}

}
