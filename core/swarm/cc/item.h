// An info dictionary that is one text of ours, or a pack: one file whose pieces are read one by one.
#pragma once

#include <memory>

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/span.hpp>
#include <libtorrent/torrent_info.hpp>

namespace upseed {

// A text, and a piece of a pack: both are kept in memory.
constexpr int max_text = 65536;
// An info dictionary with a text.
constexpr int max_header = 4096;

enum class Shape { text, pack };

using Torrent = std::shared_ptr<lt::torrent_info>;

// Throws unless its SHA-1 is `infohash` and `info` is one file: for a text, of one piece of 1 to 65,536 bytes; for a pack, of
// pieces no longer than that.
Torrent parse(lt::sha1_hash const& infohash, lt::span<char const> info, Shape shape);

Shape shape(lt::torrent_info const& info);

// For people: why this is not of that shape, or null.
char const* misfit(lt::torrent_info const& info, Shape shape);

}
