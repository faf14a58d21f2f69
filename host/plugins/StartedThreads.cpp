#include "StartedThreads.h"

#include <Poco/Thread.h>

#include <sys/prctl.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace playhouse::host {
namespace {

std::size_t threadsNamed(const std::string& name) {
    std::size_t count = 0;
    std::error_code ended;
    for (std::filesystem::directory_iterator task("/proc/self/task", ended), end; !ended && task != end;
         task.increment(ended)) {
        std::ifstream file(task->path() / "comm");
        std::string found;
        if (std::getline(file, found) && found == name) ++count;
    }
    return count;
}

}  // namespace

StartedThreads::StartedThreads() {
    static std::atomic<std::uint32_t> last{0};
    // The system keeps 15 bytes.
    name_ = "plugin-" + std::to_string(++last % 100'000'000);
    std::array<char, 16> before{};
    ::prctl(PR_GET_NAME, before.data());
    before_ = before.data();
    ::prctl(PR_SET_NAME, name_.c_str());
}

StartedThreads::~StartedThreads() {
    ::prctl(PR_SET_NAME, before_.c_str());
}

std::size_t StartedThreads::left(const std::string& name) {
    std::size_t count = threadsNamed(name);
    for (int tries = 0; count > 0 && tries < 20; ++tries) {
        Poco::Thread::sleep(5);
        count = threadsNamed(name);
    }
    return count;
}

}  // namespace playhouse::host
