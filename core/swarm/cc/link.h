// up_sync (BEP 10) on a rendezvous: one Link for each connection. Network thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/socket.hpp>

namespace upseed {

struct Host;
class Link;

// The links of a session by their ids, which are never used twice.
struct Links {
	explicit Links(Host const& h) : host(h) {}

	Host const& host;
	std::unordered_map<std::uint64_t, std::weak_ptr<Link>> open;
	std::uint64_t last_id = 0;
	// To be dialed once, by uTP alone; and being dialed so.
	std::set<lt::tcp::endpoint> punching;
	std::map<lt::tcp::endpoint, std::weak_ptr<Link>> punches;
};

class Link final : public lt::peer_plugin, public std::enable_shared_from_this<Link> {
public:
	Link(lt::peer_connection_handle peer, lt::sha1_hash const& rendezvous, Links& links);
	~Link() override;

	// A whole BEP 10 message whose extension id (byte 5) is still to be filled in.
	void send(std::vector<char> message);
	void close(lt::error_code const& reason);
	// Known to the session from now on.
	void begin();
	// Tells Rust what has left; closes a peer that takes nothing. True while bytes are waiting.
	bool report_sent();

private:
	void add_handshake(lt::entry& handshake) override;
	void on_connected() override;
	bool on_handshake(lt::span<char const> reserved) override;
	bool on_extension_handshake(lt::bdecode_node const& handshake) override;
	bool on_extended(int length, int id, lt::span<char const> body) override;
	bool can_disconnect(lt::error_code const& reason) override;
	void on_disconnect(lt::error_code const& reason) override;
	void tick() override;

	lt::peer_connection_handle m_peer;
	lt::sha1_hash const m_rendezvous;
	Links& m_links;
	std::uint64_t const m_id;
	lt::time_point const m_since = lt::clock_type::now();
	// The peer's id for our messages; 0 until its handshake is here.
	int m_remote_id = 0;
	bool m_closed = false;
	lt::tcp::endpoint const m_remote;
	// Dialed while the remote dials too.
	bool const m_punches;
	std::uint64_t m_queued = 0;
	std::uint64_t m_sent = 0;
	lt::time_point m_progress = m_since;
};

// Puts a Link on every connection of a rendezvous.
std::shared_ptr<lt::torrent_plugin> up_sync(lt::sha1_hash const& rendezvous, Links& links);

// Switches Nagle's algorithm off, if the connection is TCP.
void no_delay(lt::peer_connection_handle const& peer);

}
