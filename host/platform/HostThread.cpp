#include "HostThread.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t keptBytes = 15;

struct Marked {
    std::mutex mutex;
    std::set<pid_t> threads;
    std::set<std::string> names;  ///< of all that there ever were: as many as pools have threads and plugins have calls
};

/// For ever there, as threads may end after static objects.
Marked& marked() {
    static auto* const all = new Marked;
    return *all;
}

std::string nameOfThis() {
    std::array<char, keptBytes + 1> name{};
    ::prctl(PR_GET_NAME, name.data());
    return name.data();
}

}  // namespace

HostThread::HostThread(const std::string& name) : before_(nameOfThis()) {
    const auto kept = name.substr(0, keptBytes);
    auto& all = marked();
    const std::lock_guard lock(all.mutex);
    all.threads.insert(::gettid());
    all.names.insert(kept);
    ::prctl(PR_SET_NAME, kept.c_str());
}

HostThread::~HostThread() {
    auto& all = marked();
    const std::lock_guard lock(all.mutex);
    ::prctl(PR_SET_NAME, before_.c_str());
    all.threads.erase(::gettid());
}

std::set<pid_t> HostThread::strays() {
    std::set<pid_t> found;
    auto& all = marked();
    // None is marked, and none unmarked, meanwhile.
    const std::lock_guard lock(all.mutex);
    for (const auto& [thread, name] : runningThreads())
        if (all.names.contains(name) && !all.threads.contains(thread)) found.insert(thread);
    return found;
}

std::map<pid_t, std::string> runningThreads() {
    std::map<pid_t, std::string> threads;
    for (std::filesystem::directory_iterator task("/proc/self/task"), end; task != end; ++task) {
        const auto number = task->path().filename().string();
        pid_t thread = 0;
        std::from_chars(number.data(), number.data() + number.size(), thread);
        errno = 0;
        std::ifstream file(task->path() / "comm");
        std::string name;
        if (std::getline(file, name))
            threads.emplace(thread, std::move(name));
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            throw std::system_error(errno, std::generic_category(), "cannot look at threads");
        // Otherwise it has ended meanwhile.
    }
    return threads;
}

}  // namespace playhouse::host
