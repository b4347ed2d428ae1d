// Who is met on an item's own torrent, hosted, fetched or checked. Network thread only.
#pragma once

#include <functional>
#include <memory>

#include <libtorrent/extensions.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/socket.hpp>

#include "upseed-swarm/cc/item.h"

namespace upseed {

struct Host;

// Tells Rust of every peer that says that it has the text, or the whole pack, whoever dialled. One serves all torrents of that
// shape: it has no state, and there may be 50,000 of them.
std::shared_ptr<lt::torrent_plugin> item_peers(Host const& host, Shape shape);

// Tells Rust of the addresses that trackers give for this torrent, but for those that are `known`.
std::shared_ptr<lt::torrent_plugin> named_peers(lt::sha1_hash const& infohash, Host const& host
	, std::function<bool(lt::tcp::endpoint const&)> known);

}
