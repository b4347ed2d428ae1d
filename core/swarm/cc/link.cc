#include "upseed-swarm/cc/link.h"

#include <algorithm>
#include <cstring>

#include <libtorrent/aux_/socket_type.hpp>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/torrent_peer.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/src/bridge.rs.h"

namespace upseed {
namespace {

constexpr char const* extension = "up_sync";
// Ours in our own handshake; the ids below belong to libtorrent's extensions.
constexpr int local_id = 20;
constexpr int max_frame = 256 * 1024;
constexpr auto handshake_time = lt::seconds(20);
constexpr auto stall_time = lt::seconds(60);

class UpSync final : public lt::torrent_plugin {
public:
	UpSync(lt::sha1_hash const& rendezvous, Links& links) : m_rendezvous(rendezvous), m_links(links) {}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& peer) override
	{
		if (peer.type() != lt::connection_type::bittorrent) return {};
		auto link = std::make_shared<Link>(peer, m_rendezvous, m_links);
		link->begin();
		return link;
	}

private:
	lt::sha1_hash const m_rendezvous;
	Links& m_links;
};

}

std::shared_ptr<lt::torrent_plugin> up_sync(lt::sha1_hash const& rendezvous, Links& links)
{
	return std::make_shared<UpSync>(rendezvous, links);
}

// libtorrent leaves Nagle on, and small questions and answers then wait for delayed acknowledgements, 40 ms each.
// There is no setting for it; the socket is reached through a header that is installed but not promised.
void no_delay(lt::peer_connection_handle const& peer)
{
	auto const connection = peer.native_handle();
	if (!connection) return;
	lt::error_code ignored;
	connection->get_socket().set_option(lt::tcp::no_delay(true), ignored);
}

Link::Link(lt::peer_connection_handle peer, lt::sha1_hash const& rendezvous, Links& links)
	: m_peer(std::move(peer))
	, m_rendezvous(rendezvous)
	, m_links(links)
	, m_id(++links.last_id)
	, m_remote(m_peer.remote())
	, m_punches(m_peer.is_outgoing() && links.punching.erase(m_remote) != 0)
{}

Link::~Link()
{
	on_disconnect({});
}

void Link::begin()
{
	if (m_punches) {
		m_links.punches[m_remote] = weak_from_this();
		// Else TCP would follow, which comes through no router.
		if (auto const connection = m_peer.native_handle()) connection->set_holepunch_mode();
	} else if (!m_peer.is_outgoing()) {
		// The one who was dialed came through. Of two connections libtorrent would keep that of the lower port, though what it
		// sent may have been stopped by the other router.
		auto const found = m_links.punches.find(m_remote);
		auto const mine = found == m_links.punches.end() ? nullptr : found->second.lock();
		if (mine) mine->close(lt::errors::duplicate_peer_id);
	}
}

void Link::add_handshake(lt::entry& handshake)
{
	handshake["m"][extension] = local_id;
}

void Link::on_connected()
{
	if (m_punches) m_links.punches.erase(m_remote);
	upseed::no_delay(m_peer);
}

bool Link::on_handshake(lt::span<char const>)
{
	// an incoming connection was connected before this plugin was there
	upseed::no_delay(m_peer);
	return true;
}

bool Link::on_extension_handshake(lt::bdecode_node const& handshake)
{
	lt::bdecode_node const ids = handshake.dict_find_dict("m");
	std::int64_t const id = ids ? ids.dict_find_int_value(extension, 0) : 0;
	if (id < 1 || id > 255) {
		// Somebody who does not speak up_sync only takes a place here.
		close(lt::errors::invalid_extended);
		return true;
	}
	// BEP 10 allows a second handshake, to change ids
	bool const first = m_remote_id == 0;
	m_remote_id = int(id);
	if (!first || m_closed) return true;

	m_links.open.emplace(m_id, weak_from_this());
	Opened opened{};
	opened.peer = m_id;
	std::memcpy(opened.rendezvous.data(), m_rendezvous.data(), 20);
	opened.addr = to_endpoint(m_peer.remote());
	opened.outgoing = m_peer.is_outgoing();
	lt::peer_info info;
	m_peer.get_peer_info(info);
	opened.utp = bool(info.flags & lt::peer_info::utp_socket);
	std::int64_t const port = handshake.dict_find_int_value("p", 0);
	opened.listen_port = port > 0 && port < 65536 ? std::uint16_t(port) : std::uint16_t(0);
	m_links.host.peer_opened(opened);
	return true;
}

bool Link::on_extended(int const length, int const id, lt::span<char const> const body)
{
	if (id != local_id) return false;
	if (length > max_frame || m_remote_id == 0) {
		close(lt::errors::packet_too_large);
		return true;
	}
	// called for each part as it comes
	if (body.size() < length || m_closed) return true;
	m_links.host.frame(m_id, {reinterpret_cast<std::uint8_t const*>(body.data()), std::size_t(body.size())});
	return true;
}

// A rendezvous is quiet most of the time: nobody there is ever "interested" in a piece.
bool Link::can_disconnect(lt::error_code const& reason)
{
	return reason != lt::errors::timed_out_no_interest && reason != lt::errors::timed_out_no_request;
}

void Link::on_disconnect(lt::error_code const& reason)
{
	if (m_closed) return;
	m_closed = true;
	// libtorrent forgets such a peer, and so does not dial it again.
	if (m_punches) {
		m_links.punches.erase(m_remote);
		if (auto const connection = m_peer.native_handle())
			if (auto* const known = connection->peer_info_struct()) known->connectable = false;
	}
	if (m_links.open.erase(m_id) != 0) m_links.host.peer_closed(m_id, reason.message());
}

void Link::tick()
{
	if (m_remote_id == 0 && lt::clock_type::now() - m_since > handshake_time)
		close(lt::errors::timed_out_no_handshake);
}

void Link::send(std::vector<char> message)
{
	if (m_closed) return;
	message[5] = char(m_remote_id);
	if (m_queued == m_sent) m_progress = lt::clock_type::now();
	m_queued += message.size();
	// one call: with the header in a buffer of its own, transfers stalled
	m_peer.send_buffer(message.data(), int(message.size()));
}

bool Link::report_sent()
{
	if (m_closed) return false;
	lt::peer_info info;
	m_peer.get_peer_info(info);
	// libtorrent's own messages are in that buffer too, hence the clamp
	std::uint64_t const waiting = std::min(std::uint64_t(std::max(info.used_send_buffer, 0)), m_queued - m_sent);
	std::uint64_t const sent = m_queued - waiting;
	auto const now = lt::clock_type::now();
	if (sent > m_sent) {
		m_sent = sent;
		m_progress = now;
		m_links.host.sent(m_id, m_sent);
	} else if (waiting > 0 && now - m_progress > stall_time) {
		close(lt::errors::timed_out_inactivity);
		return false;
	}
	return waiting > 0;
}

// As a failure, so that libtorrent does not dial the same address again and again.
void Link::close(lt::error_code const& reason)
{
	m_peer.disconnect(reason, lt::operation_t::bittorrent, lt::peer_connection_interface::failure);
}

}
