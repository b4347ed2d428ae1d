#include "upseed-swarm/cc/item_peers.h"

#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include <libtorrent/bencode.hpp>
#include <libtorrent/bitfield.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_id.hpp>
#include <libtorrent/torrent_handle.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/link.h"
#include "upseed-swarm/src/bridge.rs.h"

namespace upseed {
namespace {

// The clients that are made of libtorrent, by their peer ids (BEP 20).
bool is_libtorrent(lt::peer_id const& id)
{
	auto const begins = [&id](char const* name) { return std::memcmp(id.data(), name, 3) == 0; };
	return begins("-LT") || begins("-qB") || begins("-DE");
}

// Also keeps TCP from waiting for acknowledgements while a text is fetched or served.
class ItemPeer final : public lt::peer_plugin {
public:
	ItemPeer(lt::peer_connection_handle peer, Host const& host, Shape const shape)
		: m_peer(std::move(peer))
		, m_host(host)
		, m_shape(shape)
	{}

private:
	// Two seeds part as soon as either knows that the other is one: by this word, which libtorrent sends before it says what
	// it has, or before what it says of itself has left. So each waits until it has heard the other out, and for a tick. A
	// stock client that dials would still part before its word has left, but from nobody who has no metadata either.
	void add_handshake(lt::entry& handshake) override
	{
		auto& dict = handshake.dict();
		dict.erase("upload_only");
		if (m_peer.is_outgoing() || m_answered || !is_libtorrent(m_peer.pid())) return;
		lt::bencode(std::back_inserter(m_whole_handshake), handshake);
		dict.erase("metadata_size");
	}
	bool can_disconnect(lt::error_code const& reason) override
	{
		bool const redundant
			= reason == lt::errors::upload_upload_connection || reason == lt::errors::uninteresting_upload_peer;
		m_redundant = m_redundant || redundant;
		return !redundant;
	}
	void tick() override
	{
		// one that has nothing need not say so
		complete_handshake();
		if (!m_redundant || !m_answered) return;
		m_peer.disconnect(lt::errors::upload_upload_connection, lt::operation_t::bittorrent);
	}

	void on_connected() override { no_delay(m_peer); }

	bool on_handshake(lt::span<char const>) override
	{
		no_delay(m_peer);
		return true;
	}

	// A text is one piece, so its one bit is the first. Where the metadata is not known yet, the rest of the byte follows.
	bool on_bitfield(lt::bitfield const& pieces) override
	{
		return answer(!pieces.empty() && (m_shape == Shape::pack ? pieces.all_set() : pieces.get_bit(0)));
	}
	bool on_have_all() override { return answer(true); }
	bool on_have_none() override { return answer(false); }
	bool on_have(lt::piece_index_t const piece) override
	{
		return answer(m_shape == Shape::text && piece == lt::piece_index_t{0});
	}

	// False: libtorrent is to hear of it too.
	bool answer(bool const has_text)
	{
		m_answered = true;
		if (!has_text) complete_handshake();
		if (!has_text || m_told) return false;
		m_told = true;
		auto const torrent = m_peer.associated_torrent();
		if (torrent.is_valid()) m_host.host_seen(bytes(torrent.info_hashes().v1), to_endpoint(m_peer.remote()));
		return false;
	}

	// Says once more, and now all of it: BEP 10 allows that.
	void complete_handshake()
	{
		if (m_whole_handshake.empty()) return;
		std::vector<char> message(6);
		auto const length = std::uint32_t(2 + m_whole_handshake.size());
		for (int i = 0; i < 4; ++i) message[std::size_t(i)] = char((length >> (24 - 8 * i)) & 0xff);
		message[4] = 20;
		message.insert(message.end(), m_whole_handshake.begin(), m_whole_handshake.end());
		m_whole_handshake = {};
		m_peer.send_buffer(message.data(), int(message.size()));
	}

	lt::peer_connection_handle m_peer;
	Host const& m_host;
	Shape const m_shape;
	// Kept back until the peer has said what it has.
	std::string m_whole_handshake;
	// It said what it has; Rust was told; libtorrent sees no use in it.
	bool m_answered = false;
	bool m_told = false;
	bool m_redundant = false;
};

class ItemPeers final : public lt::torrent_plugin {
public:
	ItemPeers(Host const& host, Shape const shape) : m_host(host), m_shape(shape) {}

private:
	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& peer) override
	{
		if (peer.type() != lt::connection_type::bittorrent) return {};
		return std::make_shared<ItemPeer>(peer, m_host, m_shape);
	}

	Host const& m_host;
	Shape const m_shape;
};

class NamedPeers final : public lt::torrent_plugin {
public:
	NamedPeers(lt::sha1_hash const& infohash, Host const& host, std::function<bool(lt::tcp::endpoint const&)> known)
		: m_infohash(infohash)
		, m_host(host)
		, m_known(std::move(known))
	{}

private:
	void on_add_peer(lt::tcp::endpoint const& addr, lt::peer_source_flags_t const source, lt::add_peer_flags_t) override
	{
		if ((source & lt::peer_info::tracker) && !m_known(addr)) m_host.peer_named(bytes(m_infohash), to_endpoint(addr));
	}

	lt::sha1_hash const m_infohash;
	Host const& m_host;
	std::function<bool(lt::tcp::endpoint const&)> const m_known;
};

}

std::shared_ptr<lt::torrent_plugin> item_peers(Host const& host, Shape const shape)
{
	return std::make_shared<ItemPeers>(host, shape);
}

std::shared_ptr<lt::torrent_plugin> named_peers(lt::sha1_hash const& infohash, Host const& host
	, std::function<bool(lt::tcp::endpoint const&)> known)
{
	return std::make_shared<NamedPeers>(infohash, host, std::move(known));
}

}
