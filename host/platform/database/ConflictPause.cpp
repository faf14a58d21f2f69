#include "ConflictPause.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds firstPause{2};

}  // namespace

void pauseAfterConflict(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    const auto longest = firstPause.count() << std::min(attempt, 6);
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<milliseconds::rep>(1, longest)(random)));
}

}  // namespace playhouse::host
