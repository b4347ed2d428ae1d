#include "upseed-swarm/cc/engine.h"

#include <chrono>
#include <future>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

constexpr auto state_time = std::chrono::seconds(5);

lt::sha1_hash hash(Infohash const& infohash)
{
	return lt::sha1_hash(reinterpret_cast<char const*>(infohash.data()));
}

lt::span<char const> span(std::uint8_t const* bytes, std::size_t const size)
{
	return {reinterpret_cast<char const*>(bytes), std::ptrdiff_t(size)};
}

std::string text(rust::Str const from)
{
	return {from.data(), from.size()};
}

std::vector<lt::tcp::endpoint> endpoints(rust::Slice<Endpoint const> const from)
{
	std::vector<lt::tcp::endpoint> to;
	for (auto const& one : from) to.push_back(from_endpoint(one));
	return to;
}

std::vector<std::string> texts(rust::Vec<rust::String> const& from)
{
	std::vector<std::string> to;
	for (auto const& one : from) to.emplace_back(one);
	return to;
}

// As unsigned bytes, in network order.
char const* big_endian(char* to, std::uint32_t const value)
{
	for (int i = 0; i < 4; ++i) to[i] = char((value >> (24 - 8 * i)) & 0xff);
	return to;
}

lt::settings_pack pack(rust::Slice<Setting const> const settings)
{
	lt::settings_pack pack;
	for (auto const& setting : settings) {
		std::string const name = text(setting.name);
		std::string const value(setting.value);
		int const id = lt::setting_by_name(name);
		if (id < 0) throw std::runtime_error("this libtorrent has no setting " + name);
		switch (id & lt::settings_pack::type_mask) {
		case lt::settings_pack::string_type_base: pack.set_str(id, value); break;
		case lt::settings_pack::int_type_base: pack.set_int(id, std::stoi(value)); break;
		default: pack.set_bool(id, value == "1");
		}
	}
	return pack;
}

std::vector<Node> nodes(rust::Vec<rust::String> const& bootstrap)
{
	std::vector<Node> nodes;
	for (auto const& node : bootstrap) {
		std::string const whole(node);
		auto const colon = whole.rfind(':');
		std::string host = whole.substr(0, colon);
		if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
		nodes.emplace_back(host, std::stoi(whole.substr(colon + 1)));
	}
	return nodes;
}

}

Engine::Engine(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
Engine::~Engine() = default;

rust::String libtorrent_version() { return lt::version(); }

std::shared_ptr<Engine> start_engine(rust::Slice<Setting const> settings, rust::Vec<rust::String> const& bootstrap
	, Bytes state, rust::Box<Host> host)
{
	std::vector<char> const saved(state.begin(), state.end());
	return std::make_shared<Engine>(
		std::make_unique<Session>(pack(settings), nodes(bootstrap), saved, std::move(host)));
}

template <typename Task> void Engine::post(Task task) const
{
	boost::asio::post(m_session->io, [session = m_session.get(), task = std::move(task)]() mutable {
		try {
			task(*session);
		} catch (std::exception const& error) {
			session->note(error.what());
		}
	});
}

void Engine::run() const
{
	m_session->run();
}

void Engine::stop() const
{
	post([](Session& s) { s.stop(); });
}

void Engine::join(Infohash const& rendezvous) const
{
	post([h = hash(rendezvous)](Session& s) { s.join(h); });
}

void Engine::leave(Infohash const& rendezvous) const
{
	post([h = hash(rendezvous)](Session& s) { s.leave(h); });
}

void Engine::dial(Infohash const& infohash, Endpoint const addr) const
{
	post([h = hash(infohash), addr = from_endpoint(addr)](Session& s) { s.dial(h, addr); });
}

void Engine::punch(Infohash const& rendezvous, Endpoint const addr) const
{
	post([h = hash(rendezvous), addr = from_endpoint(addr)](Session& s) { s.punch(h, addr); });
}

void Engine::add_tracker(Infohash const& infohash, rust::Str const url) const
{
	post([h = hash(infohash), url = text(url)](Session& s) { s.add_tracker(h, url); });
}

void Engine::send(std::uint64_t const peer, Bytes const frame) const
{
	// BEP 10: length, 20, the receiver's id for the extension (filled in by Link), body
	std::vector<char> message(6 + frame.size());
	big_endian(message.data(), std::uint32_t(2 + frame.size()));
	message[4] = 20;
	std::copy(frame.begin(), frame.end(), message.begin() + 6);
	post([peer, message = std::move(message)](Session& s) mutable { s.send(peer, std::move(message)); });
}

void Engine::close(std::uint64_t const peer) const
{
	post([peer](Session& s) { s.close(peer); });
}

void Engine::block(rust::Slice<Range const> const ranges) const
{
	lt::ip_filter filter;
	for (auto const& range : ranges) {
		if (range.first.v6 != range.last.v6) throw std::runtime_error("a range of two address families");
		filter.add_rule(from_endpoint(range.first).address(), from_endpoint(range.last).address(), lt::ip_filter::blocked);
	}
	post([filter = std::move(filter)](Session& s) { s.block(filter); });
}

void Engine::reconfigure(rust::Slice<Setting const> const settings) const
{
	post([pack = pack(settings)](Session& s) mutable { s.reconfigure(std::move(pack)); });
}

void Engine::host(rust::Slice<Item const> const items) const
{
	std::vector<Torrent> torrents;
	torrents.reserve(items.size());
	for (auto const& item : items)
		torrents.push_back(parse(hash(item.infohash), span(item.info.data(), item.info.size()), Shape::text));
	post([torrents = std::move(torrents)](Session& s) { s.host(torrents); });
}

void Engine::host_pack(Infohash const& infohash, Bytes const info) const
{
	std::vector<Torrent> const pack{parse(hash(infohash), span(info.data(), info.size()), Shape::pack)};
	post([pack](Session& s) { s.host(pack); });
}

void Engine::unhost(Infohash const& infohash) const
{
	post([h = hash(infohash)](Session& s) { s.unhost(h); });
}

void Engine::fetch(Infohash const& infohash, Bytes const info, rust::Slice<Endpoint const> const peers
	, rust::Vec<rust::String> const& trackers) const
{
	Torrent torrent;
	if (!info.empty()) torrent = parse(hash(infohash), span(info.data(), info.size()), Shape::text);
	post([h = hash(infohash), torrent, addresses = endpoints(peers), urls = texts(trackers)](Session& s) mutable {
		s.fetch(h, torrent, std::move(addresses), std::move(urls));
	});
}

void Engine::cancel(Infohash const& infohash) const
{
	post([h = hash(infohash)](Session& s) { s.cancel(h); });
}

void Engine::read_pages(Infohash const& infohash, std::uint64_t const reader, Bytes const info
	, rust::Slice<std::uint32_t const> const wanted, rust::Slice<Endpoint const> const peers
	, rust::Vec<rust::String> const& trackers) const
{
	Torrent torrent;
	if (!info.empty()) torrent = parse(hash(infohash), span(info.data(), info.size()), Shape::pack);
	std::vector<std::uint32_t> const pieces(wanted.begin(), wanted.end());
	post([h = hash(infohash), reader, torrent, pieces, addresses = endpoints(peers), urls = texts(trackers)](Session& s) mutable {
		s.read_pages(h, reader, torrent, pieces, std::move(addresses), std::move(urls));
	});
}

void Engine::end_pages(Infohash const& infohash, std::uint64_t const reader) const
{
	post([h = hash(infohash), reader](Session& s) { s.end_pages(h, reader); });
}

void Engine::check(Infohash const& infohash, Bytes const info, rust::Vec<rust::String> const& trackers) const
{
	// a text is a pack of one piece
	auto const torrent = parse(hash(infohash), span(info.data(), info.size()), Shape::pack);
	post([h = hash(infohash), torrent, urls = texts(trackers)](Session& s) mutable {
		s.check(h, torrent, std::move(urls));
	});
}

void Engine::end_check(Infohash const& infohash) const
{
	post([h = hash(infohash)](Session& s) { s.end_check(h); });
}

void Engine::dht_announce(Infohash const& infohash) const
{
	post([h = hash(infohash)](Session& s) { s.dht_announce(h); });
}

void Engine::dht_get_peers(Infohash const& infohash) const
{
	post([h = hash(infohash)](Session& s) { s.dht_get_peers(h); });
}

void Engine::dht_add_node(Endpoint const addr) const
{
	post([addr = from_endpoint(addr)](Session& s) { s.dht_add_node(addr); });
}

Counts Engine::counts() const
{
	return m_session->counts();
}

std::unique_ptr<std::string> Engine::state() const
{
	auto promise = std::make_shared<std::promise<std::vector<char>>>();
	auto future = promise->get_future();
	post([promise](Session& s) { promise->set_value(s.state()); });
	if (future.wait_for(state_time) != std::future_status::ready)
		throw std::runtime_error("the network thread does not answer");
	auto const bytes = future.get();
	return std::make_unique<std::string>(bytes.begin(), bytes.end());
}

}
