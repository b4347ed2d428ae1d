// An info dictionary that is one text of ours.
#pragma once

#include <memory>

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/span.hpp>
#include <libtorrent/torrent_info.hpp>

namespace upseed {

constexpr int max_text = 65536;

using Torrent = std::shared_ptr<lt::torrent_info>;

// Throws unless `info` is one file in one piece of 1 to 65,536 bytes, and its SHA-1 is `infohash`.
Torrent parse(lt::sha1_hash const& infohash, lt::span<char const> info);

// For people: why this is not a text of ours, or null.
char const* misfit(lt::torrent_info const& info);

}
