#include "upseed-swarm/cc/disk.h"

#include <array>
#include <cstring>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/peer_request.hpp>

#include "upseed-swarm/src/bridge.rs.h"

namespace upseed {
namespace {

lt::storage_error missing(lt::operation_t const operation)
{
	lt::storage_error error;
	error.ec = boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
	error.operation = operation;
	error.file(lt::file_index_t{0});
	return error;
}

lt::sha1_hash sha1(std::vector<char> const& bytes)
{
	return lt::hasher(bytes.data(), int(bytes.size())).final();
}

}

Disk::Disk(lt::io_context& io, Host const& host)
	: m_io(io)
	, m_host(host)
	, m_thread([this] { read_texts(); })
{}

Disk::~Disk()
{
	abort(true);
}

void Disk::abort(bool const wait)
{
	{
		std::lock_guard<std::mutex> lock(m_mutex);
		m_stop = true;
	}
	m_wake.notify_one();
	if (wait && m_thread.joinable()) m_thread.join();
}

std::vector<char> const* Disk::fetched(lt::sha1_hash const& infohash) const
{
	auto const found = m_fetches.find(infohash);
	return found == m_fetches.end() ? nullptr : &found->second->bytes;
}

lt::storage_holder Disk::new_torrent(lt::storage_params const& params, std::shared_ptr<void> const&)
{
	auto storage = std::make_unique<Storage>();
	storage->infohash = params.info_hash;
	storage->hosted = params.mode == hosted_mode;
	if (!storage->hosted) {
		if (params.files.total_size() <= max_text) storage->bytes.resize(std::size_t(params.files.total_size()));
		m_fetches[storage->infohash] = storage.get();
	}

	lt::storage_index_t index(std::uint32_t(m_storages.size()));
	if (m_free.empty()) {
		m_storages.push_back(std::move(storage));
	} else {
		index = m_free.back();
		m_free.pop_back();
		m_storages[static_cast<std::uint32_t>(index)] = std::move(storage);
	}
	return lt::storage_holder(index, *this);
}

void Disk::remove_torrent(lt::storage_index_t const index)
{
	auto& storage = m_storages[static_cast<std::uint32_t>(index)];
	// a second torrent with this infohash may have come while the first was going
	auto const found = m_fetches.find(storage->infohash);
	if (found != m_fetches.end() && found->second == storage.get()) m_fetches.erase(found);
	storage.reset();
	m_free.push_back(index);
}

Disk::Storage& Disk::at(lt::storage_index_t const index)
{
	return *m_storages[static_cast<std::uint32_t>(index)];
}

void Disk::free_disk_buffer(char* buffer)
{
	delete[] buffer;
}

// An empty holder if the request lies outside of the bytes.
lt::disk_buffer_holder Disk::copy(std::vector<char> const& bytes, lt::peer_request const& request)
{
	std::int64_t const end = std::int64_t(request.start) + request.length;
	if (request.start < 0 || request.length < 0 || end > std::int64_t(bytes.size()) || request.piece != lt::piece_index_t{0})
		return {};
	// libtorrent takes it for granted that a disk buffer has room for a whole block
	auto* buffer = new char[std::size_t(std::max(request.length, lt::default_block_size))];
	std::memcpy(buffer, bytes.data() + request.start, std::size_t(request.length));
	return {*this, buffer, request.length};
}

void Disk::with_text(lt::sha1_hash const& infohash, Job job)
{
	{
		std::lock_guard<std::mutex> lock(m_mutex);
		m_work.push_back({infohash, std::move(job)});
	}
	m_wake.notify_one();
}

void Disk::read_texts()
{
	// Up to four blocks of one text are asked for in a row: read it once.
	lt::sha1_hash last;
	std::vector<char> text;
	for (;;) {
		Work work;
		{
			std::unique_lock<std::mutex> lock(m_mutex);
			if (m_work.empty()) {
				last.clear();
				text = {};
			}
			m_wake.wait(lock, [this] { return m_stop || !m_work.empty(); });
			// what was asked for is still answered, or libtorrent would wait for it for ever
			if (m_work.empty()) return;
			work = std::move(m_work.front());
			m_work.pop_front();
		}
		if (work.infohash != last || text.empty()) {
			std::array<std::uint8_t, 20> infohash;
			std::memcpy(infohash.data(), work.infohash.data(), 20);
			rust::Vec<std::uint8_t> const bytes = m_host.text(infohash);
			text.assign(reinterpret_cast<char const*>(bytes.data())
				, reinterpret_cast<char const*>(bytes.data()) + bytes.size());
			last = work.infohash;
		}
		work.job(text.empty() ? nullptr : &text);
	}
}

void Disk::async_read(lt::storage_index_t const index, lt::peer_request const& request
	, std::function<void(lt::disk_buffer_holder, lt::storage_error const&)> handler, lt::disk_job_flags_t)
{
	auto answer = [this, request, handler = std::move(handler)](std::vector<char> const* bytes) mutable {
		auto buffer = bytes ? copy(*bytes, request) : lt::disk_buffer_holder{};
		auto const error = buffer ? lt::storage_error{} : missing(lt::operation_t::file_read);
		boost::asio::post(m_io, [handler = std::move(handler), buffer = std::move(buffer), error]() mutable {
			handler(std::move(buffer), error);
		});
	};
	Storage const& storage = at(index);
	if (!storage.hosted) return answer(&storage.bytes);
	// the guard keeps the network thread running until the answer is posted
	with_text(storage.infohash, [answer = std::move(answer), guard = boost::asio::make_work_guard(m_io)]
		(std::vector<char> const* text) mutable { answer(text); });
}

bool Disk::async_write(lt::storage_index_t const index, lt::peer_request const& request, char const* bytes
	, std::shared_ptr<lt::disk_observer>, std::function<void(lt::storage_error const&)> handler, lt::disk_job_flags_t)
{
	Storage& storage = at(index);
	std::int64_t const end = std::int64_t(request.start) + request.length;
	bool const fits = !storage.hosted && request.piece == lt::piece_index_t{0} && request.start >= 0
		&& request.length >= 0 && end <= std::int64_t(storage.bytes.size());
	if (fits) std::memcpy(storage.bytes.data() + request.start, bytes, std::size_t(request.length));
	auto const error = fits ? lt::storage_error{} : missing(lt::operation_t::file_write);
	boost::asio::post(m_io, [handler = std::move(handler), error] { handler(error); });
	return false;
}

void Disk::async_hash(lt::storage_index_t const index, lt::piece_index_t const piece, lt::span<lt::sha256_hash>
	, lt::disk_job_flags_t
	, std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)> handler)
{
	auto answer = [this, piece, handler = std::move(handler)](std::vector<char> const* bytes) mutable {
		auto const hash = bytes ? sha1(*bytes) : lt::sha1_hash{};
		auto const error = bytes ? lt::storage_error{} : missing(lt::operation_t::file_read);
		boost::asio::post(m_io, [handler = std::move(handler), piece, hash, error] { handler(piece, hash, error); });
	};
	Storage const& storage = at(index);
	if (!storage.hosted) return answer(&storage.bytes);
	with_text(storage.infohash, [answer = std::move(answer), guard = boost::asio::make_work_guard(m_io)]
		(std::vector<char> const* text) mutable { answer(text); });
}

// The rest has nothing to do: there are no files. Version 2 hashes belong to torrents that Upseed does not fetch.

void Disk::async_hash2(lt::storage_index_t, lt::piece_index_t const piece, int, lt::disk_job_flags_t
	, std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler), piece] {
		handler(piece, lt::sha256_hash{}, missing(lt::operation_t::file_read));
	});
}

void Disk::async_move_storage(lt::storage_index_t, std::string path, lt::move_flags_t
	, std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler), path = std::move(path)] {
		handler(lt::status_t::no_error, path, {});
	});
}

void Disk::async_release_files(lt::storage_index_t, std::function<void()> handler)
{
	if (handler) boost::asio::post(m_io, std::move(handler));
}

void Disk::async_check_files(lt::storage_index_t, lt::add_torrent_params const*
	, lt::aux::vector<std::string, lt::file_index_t>
	, std::function<void(lt::status_t, lt::storage_error const&)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler)] { handler(lt::status_t::no_error, {}); });
}

void Disk::async_stop_torrent(lt::storage_index_t, std::function<void()> handler)
{
	if (handler) boost::asio::post(m_io, std::move(handler));
}

void Disk::async_rename_file(lt::storage_index_t, lt::file_index_t const file, std::string name
	, std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler), file, name = std::move(name)] { handler(name, file, {}); });
}

void Disk::async_delete_files(lt::storage_index_t, lt::remove_flags_t
	, std::function<void(lt::storage_error const&)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler)] { handler({}); });
}

void Disk::async_set_file_priority(lt::storage_index_t
	, lt::aux::vector<lt::download_priority_t, lt::file_index_t> priorities
	, std::function<void(lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler), priorities = std::move(priorities)] {
		handler({}, priorities);
	});
}

void Disk::async_clear_piece(lt::storage_index_t, lt::piece_index_t const piece
	, std::function<void(lt::piece_index_t)> handler)
{
	boost::asio::post(m_io, [handler = std::move(handler), piece] { handler(piece); });
}

}
