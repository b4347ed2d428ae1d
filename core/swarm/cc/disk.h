// The disk behind libtorrent: what is hosted is read from Rust on one thread of its own; what is fetched stays in memory.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/storage_defs.hpp>

#include "upseed-swarm/cc/item.h"

namespace upseed {

struct Host;

// There are no files to allocate, so a torrent's storage mode is free to say whose bytes it has.
constexpr auto hosted_mode = lt::storage_mode_allocate;
constexpr auto fetched_mode = lt::storage_mode_sparse;

class Disk final : public lt::disk_interface, lt::buffer_allocator_interface {
public:
	Disk(lt::io_context& io, Host const& host);
	~Disk() override;

	// What a fetch has written of a piece. libtorrent's word that the piece passed is what makes it verified.
	std::vector<char> const* fetched(lt::sha1_hash const& infohash, lt::piece_index_t piece) const;

	lt::storage_holder new_torrent(lt::storage_params const& params, std::shared_ptr<void> const&) override;
	void remove_torrent(lt::storage_index_t index) override;
	void abort(bool wait) override;

	void async_read(lt::storage_index_t, lt::peer_request const&
		, std::function<void(lt::disk_buffer_holder, lt::storage_error const&)>, lt::disk_job_flags_t) override;
	bool async_write(lt::storage_index_t, lt::peer_request const&, char const*, std::shared_ptr<lt::disk_observer>
		, std::function<void(lt::storage_error const&)>, lt::disk_job_flags_t) override;
	void async_hash(lt::storage_index_t, lt::piece_index_t, lt::span<lt::sha256_hash>, lt::disk_job_flags_t
		, std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)>) override;
	void async_hash2(lt::storage_index_t, lt::piece_index_t, int, lt::disk_job_flags_t
		, std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)>) override;
	void async_move_storage(lt::storage_index_t, std::string, lt::move_flags_t
		, std::function<void(lt::status_t, std::string const&, lt::storage_error const&)>) override;
	void async_release_files(lt::storage_index_t, std::function<void()>) override;
	void async_check_files(lt::storage_index_t, lt::add_torrent_params const*
		, lt::aux::vector<std::string, lt::file_index_t>
		, std::function<void(lt::status_t, lt::storage_error const&)>) override;
	void async_stop_torrent(lt::storage_index_t, std::function<void()>) override;
	void async_rename_file(lt::storage_index_t, lt::file_index_t, std::string
		, std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)>) override;
	void async_delete_files(lt::storage_index_t, lt::remove_flags_t
		, std::function<void(lt::storage_error const&)>) override;
	void async_set_file_priority(lt::storage_index_t, lt::aux::vector<lt::download_priority_t, lt::file_index_t>
		, std::function<void(lt::storage_error const&
			, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>) override;
	void async_clear_piece(lt::storage_index_t, lt::piece_index_t, std::function<void(lt::piece_index_t)>) override;

	void update_stats_counters(lt::counters&) const override {}
	std::vector<lt::open_file_state> get_status(lt::storage_index_t) const override { return {}; }
	void submit_jobs() override {}
	void settings_updated() override {}

private:
	struct Storage {
		lt::sha1_hash infohash;
		bool hosted = false;
		std::int64_t size = 0;
		int piece_length = 0;
		// Fetched bytes, by piece: only of those that something came of.
		std::unordered_map<int, std::vector<char>> pieces;

		int piece_size(lt::piece_index_t piece) const;
	};
	// A piece of what is hosted: a text is one.
	struct Piece {
		lt::sha1_hash infohash;
		std::int64_t start = 0;
		int length = 0;
	};
	// Given the piece's bytes, or null if Rust has none.
	using Job = std::function<void(std::vector<char> const*)>;
	struct Work {
		Piece piece;
		Job job;
	};

	void free_disk_buffer(char* buffer) override;
	lt::disk_buffer_holder copy(std::vector<char> const& bytes, lt::peer_request const& request);
	void with_piece(Storage const& storage, lt::piece_index_t piece, Job job);
	void read_pieces();
	std::vector<char> const* written(Storage const& storage, lt::piece_index_t piece) const;
	Storage& at(lt::storage_index_t index);

	lt::io_context& m_io;
	Host const& m_host;
	// Network thread only.
	std::vector<std::unique_ptr<Storage>> m_storages;
	std::vector<lt::storage_index_t> m_free;
	std::unordered_map<lt::sha1_hash, Storage*> m_fetches;

	std::mutex m_mutex;
	std::condition_variable m_wake;
	std::deque<Work> m_work;
	bool m_stop = false;
	std::thread m_thread;
};

}
