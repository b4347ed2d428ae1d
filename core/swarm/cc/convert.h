// Addresses and bytes between the two languages.
#pragma once

#include <cstring>

#include <libtorrent/address.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/socket.hpp>
#include <libtorrent/span.hpp>

#include "upseed-swarm/src/bridge.rs.h"

namespace upseed {

inline Infohash bytes(lt::sha1_hash const& hash)
{
	Infohash out;
	std::memcpy(out.data(), hash.data(), 20);
	return out;
}

inline Bytes slice(lt::span<char const> span)
{
	return {reinterpret_cast<std::uint8_t const*>(span.data()), std::size_t(span.size())};
}

inline lt::tcp::endpoint from_endpoint(Endpoint const& endpoint)
{
	if (endpoint.v6) {
		lt::address_v6::bytes_type bytes;
		std::memcpy(bytes.data(), endpoint.ip.data(), 16);
		return {lt::address_v6(bytes, endpoint.scope), endpoint.port};
	}
	lt::address_v4::bytes_type bytes;
	std::memcpy(bytes.data(), endpoint.ip.data(), 4);
	return {lt::address_v4(bytes), endpoint.port};
}

inline Endpoint to_endpoint(lt::tcp::endpoint const& from)
{
	Endpoint to{};
	to.port = from.port();
	to.v6 = from.address().is_v6();
	if (to.v6) {
		auto const address = from.address().to_v6();
		std::memcpy(to.ip.data(), address.to_bytes().data(), 16);
		to.scope = std::uint32_t(address.scope_id());
	} else {
		std::memcpy(to.ip.data(), from.address().to_v4().to_bytes().data(), 4);
	}
	return to;
}

}
