// libtorrent 2.0 tells the time by std::chrono::high_resolution_clock, which is the system's clock in libstdc++: all of its
// timers are by that, its tick of a second too. A clock that is set back by an hour would stop them for an hour: nobody
// would be dialed, nothing would time out.
//
// There is no setting for it. But libtorrent asks libstdc++ for the time by a function that it finds at run time, and the
// program's own comes first. This one begins with the system's clock and then goes on evenly, over a sleep of the
// machine too. Nothing else in this process asks C++ for the time; Rust and Python ask the system.
#include <chrono>
#include <ctime>
#include <type_traits>

static_assert(std::is_same_v<std::chrono::high_resolution_clock, std::chrono::system_clock>
	, "libtorrent's clock is another one here: is it steady, so that this file is not needed?");

namespace {

std::chrono::nanoseconds read(clockid_t const clock) noexcept
{
	std::timespec time{};
	clock_gettime(clock, &time);
	return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}

__attribute__((visibility("default")))
std::chrono::system_clock::time_point std::chrono::_V2::system_clock::now() noexcept
{
	static auto const began = read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME);
	return time_point(duration_cast<duration>(began + read(CLOCK_BOOTTIME)));
}
