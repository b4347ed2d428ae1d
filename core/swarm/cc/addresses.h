// What addresses this machine has now.
#pragma once

#include <string>
#include <vector>

#include <libtorrent/address.hpp>

namespace upseed {

struct LocalAddress {
	std::string interface;
	lt::address ip;
	// Its link is up and carries something.
	bool running;

	bool operator==(LocalAddress const& other) const
	{
		return interface == other.interface && ip == other.ip && running == other.running;
	}
};

// In the kernel's order. Empty if it does not say.
std::vector<LocalAddress> local_addresses();

// Interfaces by which the world is reached. libtorrent's DHT uses those alone, and private addresses of others not.
std::vector<std::string> default_routes();

}
