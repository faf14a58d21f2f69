#include "StartedThreads.h"

#include "platform/HostThread.h"

#include <Poco/Thread.h>

#include <sys/prctl.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <system_error>

namespace playhouse::host {
namespace {

StartedThreads::Left look(const StartedThreads::Traces& traces) {
    StartedThreads::Left left;
    try {
        for (const auto thread : HostThread::strays()) left.perhaps += traces.before.contains(thread) ? 0 : 1;
        for (const auto& [thread, name] : runningThreads()) left.own += name == traces.name ? 1 : 0;
    } catch (const std::system_error& problem) {
        left.problem = problem.what();
    }
    return left;
}

}  // namespace

StartedThreads::StartedThreads() {
    static std::atomic<std::uint32_t> last{0};
    // The system keeps 15 bytes.
    traces_.name = "plugin-" + std::to_string(++last % 100'000'000);
    traces_.before = HostThread::strays();
    std::array<char, 16> before{};
    ::prctl(PR_GET_NAME, before.data());
    nameBefore_ = before.data();
    ::prctl(PR_SET_NAME, traces_.name.c_str());
}

StartedThreads::~StartedThreads() {
    ::prctl(PR_SET_NAME, nameBefore_.c_str());
}

StartedThreads::Left StartedThreads::left(const Traces& traces) {
    auto found = look(traces);
    for (int tries = 0; !found.none() && tries < 20; ++tries) {
        Poco::Thread::sleep(5);
        found = look(traces);
    }
    return found;
}

}  // namespace playhouse::host
