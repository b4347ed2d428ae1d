#include "upseed-swarm/cc/item.h"

#include <stdexcept>
#include <string>

#include <libtorrent/bdecode.hpp>
#include <libtorrent/hasher.hpp>

namespace upseed {

Shape shape(lt::torrent_info const& info)
{
	return info.num_pieces() == 1 ? Shape::text : Shape::pack;
}

char const* misfit(lt::torrent_info const& info, Shape const shape)
{
	if (info.info_hashes().has_v2()) return "a version 2 torrent";
	if (info.num_files() != 1) return "not one file";
	if (shape == Shape::pack) {
		if (info.total_size() < 1) return "an empty file";
		return info.piece_length() > max_text ? "pieces of more than 65,536 bytes" : nullptr;
	}
	if (info.num_pieces() != 1) return "not one piece";
	if (info.total_size() < 1 || info.total_size() > max_text) return "not 1 to 65,536 bytes";
	return nullptr;
}

Torrent parse(lt::sha1_hash const& infohash, lt::span<char const> const info, Shape const shape)
{
	if (lt::hasher(info).final() != infohash) throw std::runtime_error("the info dictionary has another infohash");
	std::string const wrapped = "d4:info" + std::string(info.data(), std::size_t(info.size())) + "e";
	lt::error_code error;
	lt::bdecode_node const node = lt::bdecode(wrapped, error);
	if (error) throw std::runtime_error("the info dictionary is not bencode: " + error.message());
	auto torrent = std::make_shared<lt::torrent_info>(node, error);
	if (error) throw std::runtime_error("not an info dictionary: " + error.message());
	if (char const* reason = misfit(*torrent, shape)) throw std::runtime_error(reason);
	// bdecode is lenient; what libtorrent kept must be the very bytes that were given
	if (torrent->info_hashes().v1 != infohash) throw std::runtime_error("the info dictionary is not canonical");
	return torrent;
}

}
