#include "upseed-swarm/cc/disk.h"

#include <algorithm>
#include <cstring>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/peer_request.hpp>

#include "upseed-swarm/cc/convert.h"

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
	, m_thread([this] { read_pieces(); })
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

std::vector<char> const* Disk::fetched(lt::sha1_hash const& infohash, lt::piece_index_t const piece) const
{
	auto const found = m_fetches.find(infohash);
	return found == m_fetches.end() ? nullptr : written(*found->second, piece);
}

std::vector<char> const* Disk::written(Storage const& storage, lt::piece_index_t const piece) const
{
	auto const found = storage.pieces.find(static_cast<int>(piece));
	return found == storage.pieces.end() ? nullptr : &found->second;
}

// 0 where there is no such piece, and for one that is too long to be kept in memory.
int Disk::Storage::piece_size(lt::piece_index_t const piece) const
{
	std::int64_t const start = std::int64_t(static_cast<int>(piece)) * piece_length;
	if (start < 0 || start >= size) return 0;
	auto const length = std::min(std::int64_t(piece_length), size - start);
	return length > max_text ? 0 : int(length);
}

lt::storage_holder Disk::new_torrent(lt::storage_params const& params, std::shared_ptr<void> const&)
{
	auto storage = std::make_unique<Storage>();
	storage->infohash = params.info_hash;
	storage->hosted = params.mode == hosted_mode;
	storage->size = params.files.total_size();
	storage->piece_length = params.files.piece_length();
	if (!storage->hosted) m_fetches[storage->infohash] = storage.get();

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

// An empty holder if the request lies outside of the piece.
lt::disk_buffer_holder Disk::copy(std::vector<char> const& bytes, lt::peer_request const& request)
{
	std::int64_t const end = std::int64_t(request.start) + request.length;
	if (request.start < 0 || request.length < 0 || end > std::int64_t(bytes.size())) return {};
	// libtorrent takes it for granted that a disk buffer has room for a whole block
	auto* buffer = new char[std::size_t(std::max(request.length, lt::default_block_size))];
	std::memcpy(buffer, bytes.data() + request.start, std::size_t(request.length));
	return {*this, buffer, request.length};
}

void Disk::with_piece(Storage const& storage, lt::piece_index_t const index, Job job)
{
	Piece const piece{storage.infohash, std::int64_t(static_cast<int>(index)) * storage.piece_length
		, storage.piece_size(index)};
	{
		std::lock_guard<std::mutex> lock(m_mutex);
		m_work.push_back({piece, std::move(job)});
	}
	m_wake.notify_one();
}

void Disk::read_pieces()
{
	// A piece is hashed, and then up to four of its blocks are asked for in a row: read it once.
	Piece last;
	std::vector<char> bytes;
	for (;;) {
		Work work;
		{
			std::unique_lock<std::mutex> lock(m_mutex);
			if (m_work.empty()) {
				last = {};
				bytes = {};
			}
			m_wake.wait(lock, [this] { return m_stop || !m_work.empty(); });
			// what was asked for is still answered, or libtorrent would wait for it for ever
			if (m_work.empty()) return;
			work = std::move(m_work.front());
			m_work.pop_front();
		}
		Piece const& piece = work.piece;
		if (piece.infohash != last.infohash || piece.start != last.start || bytes.empty()) {
			auto const read = m_host.piece(upseed::bytes(piece.infohash), std::uint64_t(piece.start)
				, std::uint32_t(piece.length));
			bytes.assign(reinterpret_cast<char const*>(read.data())
				, reinterpret_cast<char const*>(read.data()) + read.size());
			last = piece;
		}
		work.job(bytes.empty() ? nullptr : &bytes);
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
	if (!storage.hosted) return answer(written(storage, request.piece));
	// the guard keeps the network thread running until the answer is posted
	with_piece(storage, request.piece, [answer = std::move(answer), guard = boost::asio::make_work_guard(m_io)]
		(std::vector<char> const* piece) mutable { answer(piece); });
}

bool Disk::async_write(lt::storage_index_t const index, lt::peer_request const& request, char const* bytes
	, std::shared_ptr<lt::disk_observer>, std::function<void(lt::storage_error const&)> handler, lt::disk_job_flags_t)
{
	Storage& storage = at(index);
	std::int64_t const end = std::int64_t(request.start) + request.length;
	int const size = storage.piece_size(request.piece);
	bool const fits = !storage.hosted && request.start >= 0 && request.length >= 0 && end <= size;
	if (fits) {
		auto& piece = storage.pieces[static_cast<int>(request.piece)];
		piece.resize(std::size_t(size));
		std::memcpy(piece.data() + request.start, bytes, std::size_t(request.length));
	}
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
	if (!storage.hosted) return answer(written(storage, piece));
	with_piece(storage, piece, [answer = std::move(answer), guard = boost::asio::make_work_guard(m_io)]
		(std::vector<char> const* bytes) mutable { answer(bytes); });
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
