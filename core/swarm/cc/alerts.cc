// What libtorrent tells a session.
#include <libtorrent/alert_types.hpp>

#include "upseed-swarm/cc/convert.h"
#include "upseed-swarm/cc/session.h"

namespace upseed {

void Session::pump()
{
	m_pumping = false;
	if (m_stopping) return;
	std::vector<lt::alert*> alerts;
	m_session->pop_alerts(&alerts);
	for (lt::alert const* alert : alerts) {
		if (m_stopping) return;
		on_alert(alert);
	}
}

void Session::on_alert(lt::alert const* alert)
{
	if (auto const* torrent = dynamic_cast<lt::torrent_alert const*>(alert)) return on_torrent_alert(torrent);
	switch (alert->type()) {
	case lt::listen_succeeded_alert::alert_type: {
		auto const* listening = lt::alert_cast<lt::listen_succeeded_alert>(alert);
		m_host->listening(to_endpoint({listening->address, std::uint16_t(listening->port)})
			, listening->socket_type == lt::socket_type_t::tcp);
		if (m_dht_later) {
			m_dht_later = false;
			lt::settings_pack now;
			now.set_bool(lt::settings_pack::enable_dht, true);
			m_session->apply_settings(std::move(now));
		}
		break;
	}
	case lt::listen_failed_alert::alert_type: {
		auto const* failed = lt::alert_cast<lt::listen_failed_alert>(alert);
		bool const in_use = failed->error == boost::system::errc::address_in_use;
		m_host->listen_failed(std::uint16_t(failed->port), in_use, failed->message());
		break;
	}
	case lt::portmap_alert::alert_type: {
		auto const* mapped = lt::alert_cast<lt::portmap_alert>(alert);
		m_host->mapped(mapped->map_transport == lt::portmap_transport::natpmp, std::uint16_t(mapped->external_port));
		break;
	}
	case lt::portmap_error_alert::alert_type: {
		auto const* failed = lt::alert_cast<lt::portmap_error_alert>(alert);
		m_host->mapped(failed->map_transport == lt::portmap_transport::natpmp, 0);
		break;
	}
	case lt::dht_get_peers_reply_alert::alert_type: {
		auto const* reply = lt::alert_cast<lt::dht_get_peers_reply_alert>(alert);
		rust::Vec<Endpoint> peers;
		for (auto const& peer : reply->peers()) peers.push_back(to_endpoint(peer));
		if (!peers.empty()) m_host->dht_peers(bytes(reply->info_hash), std::move(peers));
		break;
	}
	case lt::session_stats_alert::alert_type: {
		auto const counters = lt::alert_cast<lt::session_stats_alert>(alert)->counters();
		// Of a DHT that was switched off libtorrent goes on telling the last number.
		if (m_dht_nodes_metric >= 0) m_dht_nodes = m_dht_off ? 0 : std::uint32_t(counters[m_dht_nodes_metric]);
		break;
	}
	case lt::alerts_dropped_alert::alert_type:
	case lt::session_error_alert::alert_type:
	case lt::dht_error_alert::alert_type: note(alert->message()); break;
	default: break;
	}
}

void Session::on_torrent_alert(lt::torrent_alert const* alert)
{
	// The commonest alerts, which say nothing here: with 50,000 adds they are not looked up.
	int const type = alert->type();
	if (type == lt::add_torrent_alert::alert_type || !alert->handle.is_valid()) return;
	auto const infohash = alert->handle.info_hashes().v1;
	auto const found = m_torrents.find(infohash);
	if (found == m_torrents.end() || found->second.handle != alert->handle) return;
	// by value: what follows may remove it
	Entry const entry = found->second;

	switch (type) {
	case lt::torrent_checked_alert::alert_type:
		if (entry.kind == Kind::fetch || entry.kind == Kind::pages || entry.kind == Kind::check) entry.handle.resume();
		break;
	case lt::scrape_reply_alert::alert_type:
		on_scraped(infohash, *lt::alert_cast<lt::scrape_reply_alert>(alert));
		break;
	case lt::metadata_received_alert::alert_type:
		if (entry.kind == Kind::fetch) on_metadata(infohash, entry);
		if (entry.kind == Kind::pages) on_pages_metadata(infohash, entry);
		break;
	case lt::torrent_finished_alert::alert_type:
		if (entry.kind == Kind::fetch) on_finished(infohash, entry);
		if (entry.kind == Kind::pages) on_pages_finished(infohash, entry);
		break;
	case lt::state_changed_alert::alert_type: {
		// Seed mode ends in a check when the bytes that Rust gave have another hash: then there is nothing to host.
		auto const state = lt::alert_cast<lt::state_changed_alert>(alert)->state;
		if ((entry.kind == Kind::hosted || entry.kind == Kind::on_demand)
			&& (state == lt::torrent_status::checking_files || state == lt::torrent_status::downloading))
			fail_hosted(infohash, "a piece has another hash");
		break;
	}
	case lt::torrent_error_alert::alert_type:
	case lt::file_error_alert::alert_type:
		note(alert->message());
		switch (entry.kind) {
		case Kind::rendezvous:
			entry.handle.clear_error();
			entry.handle.resume();
			break;
		case Kind::fetch: fail_fetch(infohash, FetchError::Engine, alert->message()); break;
		case Kind::pages: fail_pages(infohash, FetchError::Engine, alert->message()); break;
		case Kind::check: remove(infohash, Kind::check); break;
		case Kind::on_demand:
		case Kind::hosted: fail_hosted(infohash, alert->message()); break;
		}
		break;
	default: break;
	}
}

}
