// Sockets where addresses are. libtorrent looks for them when an address comes or goes, and passes over one whose link is
// down; that the link or a way out comes later it does not hear (2.0.8), nor that a name can be looked up now.
#include "upseed-swarm/cc/addresses.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {
namespace {

// After a change, sockets are looked after so many times: an address of IPv6 can be bound a second or two later.
constexpr int looks_after_change = 3;
// And once in so many looks all the same.
constexpr int looks_between = 60;
// A DHT that knows nobody is entered anew after so many looks, and then less and less often.
constexpr int dht_patience = 6;
constexpr int most_dht_patience = 180;

}

std::vector<LocalAddress> local_addresses()
{
	std::vector<LocalAddress> found;
	ifaddrs* all = nullptr;
	if (getifaddrs(&all) != 0) return found;
	for (ifaddrs const* each = all; each != nullptr; each = each->ifa_next) {
		if (each->ifa_addr == nullptr) continue;
		LocalAddress local{each->ifa_name, {}, (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_RUNNING) != 0};
		if (each->ifa_addr->sa_family == AF_INET) {
			sockaddr_in in{};
			std::memcpy(&in, each->ifa_addr, sizeof(in));
			lt::address_v4::bytes_type bytes;
			std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
			local.ip = lt::address_v4(bytes);
		} else if (each->ifa_addr->sa_family == AF_INET6) {
			sockaddr_in6 in{};
			std::memcpy(&in, each->ifa_addr, sizeof(in));
			lt::address_v6::bytes_type bytes;
			std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
			local.ip = lt::address_v6(bytes, in.sin6_scope_id);
		} else {
			continue;
		}
		found.push_back(std::move(local));
	}
	freeifaddrs(all);
	return found;
}

std::vector<std::string> default_routes()
{
	std::vector<std::string> found;
	std::string line;
	// interface, destination, ...
	for (std::ifstream routes("/proc/self/net/route"); std::getline(routes, line);) {
		std::istringstream fields(line);
		std::string interface, destination;
		if (fields >> interface >> destination && destination == "00000000") found.push_back(interface);
	}
	// destination, its prefix, source, its prefix, next hop, metric, two counters, flags, interface
	for (std::ifstream routes("/proc/self/net/ipv6_route"); std::getline(routes, line);) {
		std::istringstream fields(line);
		std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
		if (words.size() >= 10 && words[1] == "00" && words[9] != "lo") found.push_back(words[9]);
	}
	return found;
}

void Session::watch_addresses()
{
	auto now = local_addresses();
	auto routes = default_routes();
	rust::Vec<Endpoint> present;
	for (auto const& local : now) present.push_back(to_endpoint({local.ip, 0}));
	m_host->addresses(std::move(present));
	bool const changed = now != m_addresses || routes != m_routes;
	if (changed) {
		m_addresses = std::move(now);
		m_routes = std::move(routes);
		m_looks = looks_after_change;
		m_dht_patience = std::min(m_dht_patience, looks_after_change);
	}
	if (m_looks <= 0 && m_looks > -looks_between) {
		--m_looks;
	} else {
		m_looks = m_looks > 0 ? m_looks - 1 : 0;
		// What is open already stays so.
		m_session->reopen_network_sockets(
			changed ? lt::session_handle::reopen_map_ports : lt::reopen_network_flags_t{});
	}
	watch_dht();
}

void Session::watch_dht()
{
	bool const has_network = std::any_of(m_addresses.begin(), m_addresses.end(), [](LocalAddress const& local) {
		return local.running && !local.ip.is_loopback();
	});
	if (!m_dht_wanted || m_dht_later || !m_has_routers || m_dht_nodes > 0 || !has_network) {
		m_dht_silence = 0;
		if (m_dht_nodes > 0) m_dht_patience = dht_patience;
		return;
	}
	if (++m_dht_silence < m_dht_patience) return;
	m_dht_silence = 0;
	m_dht_patience = std::min(2 * std::max(m_dht_patience, dht_patience), most_dht_patience);
	// libtorrent looks its own routers up when the DHT begins, and only then.
	for (bool const on : {false, true}) {
		lt::settings_pack pack;
		pack.set_bool(lt::settings_pack::enable_dht, on);
		m_session->apply_settings(std::move(pack));
	}
}

}
