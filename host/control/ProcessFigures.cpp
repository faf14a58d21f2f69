#include "ProcessFigures.h"

#include "Version.h"

#include <playhouse/PluginDescriptor.h>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace playhouse::host {
namespace {

prometheus::Gauge& gauge(prometheus::Registry& registry, const std::string& name, const std::string& help,
                         const std::map<std::string, std::string>& labels = {}) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessFigures::ProcessFigures(prometheus::Registry& registry)
    : residentBytes_(gauge(registry, "process_resident_memory_bytes", "Memory of the process that is in RAM.")),
      virtualBytes_(gauge(registry, "process_virtual_memory_bytes", "Memory that the process has mapped.")),
      openFiles_(gauge(registry, "process_open_fds", "Open file descriptors.")),
      mostFiles_(gauge(registry, "process_max_fds", "Most file descriptors that may be open.")),
      threads_(gauge(registry, "process_threads", "Threads of the process.")),
      cpuSeconds_(prometheus::BuildCounter()
                      .Name("process_cpu_seconds_total")
                      .Help("User and system CPU time spent.")
                      .Register(registry)
                      .Add({})) {
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    gauge(registry, "process_start_time_seconds", "When the process started, since the Unix epoch.").Set(now.count());
    gauge(registry, "playhouse_build_info", "Always 1; its labels say what runs.",
          {{"version", std::string(hostVersion)}, {"build", std::string(buildType)}, {"fingerprint", buildFingerprint}})
        .Set(1);
}

void ProcessFigures::refresh() {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    double virtualPages = 0;
    double residentPages = 0;
    if (std::ifstream("/proc/self/statm") >> virtualPages >> residentPages) {
        virtualBytes_.Set(virtualPages * page);
        residentBytes_.Set(residentPages * page);
    }
    const auto entries = [](const char* directory) {
        std::error_code error;
        const std::filesystem::directory_iterator begin(directory, error);
        return static_cast<double>(error ? 0 : std::distance(begin, std::filesystem::directory_iterator()));
    };
    openFiles_.Set(entries("/proc/self/fd"));
    threads_.Set(entries("/proc/self/task"));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) mostFiles_.Set(static_cast<double>(limit.rlim_cur));
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        const std::lock_guard lock(mutex_);
        cpuSeconds_.Increment(seconds(usage.ru_utime) + seconds(usage.ru_stime) - cpuSeconds_.Value());
    }
}

}  // namespace playhouse::host
