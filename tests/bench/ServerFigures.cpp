#include "ServerFigures.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// The fields of /proc/PID/stat from the third on; the second, the name, may hold anything but ends with the last ")".
std::vector<std::string> statFields(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto name = text.rfind(')');
    if (name == std::string::npos) return {};
    std::istringstream rest(text.substr(name + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

constexpr std::size_t parentField = 1;
constexpr std::size_t userTimeField = 11;
constexpr std::size_t kernelTimeField = 12;

}  // namespace

ServerFigures::ServerFigures(int pid) : pids_{pid} {
    if (statFields(std::to_string(pid)).empty()) throw std::runtime_error("there is no process " + std::to_string(pid));
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        int child = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), child).ec != std::errc{}) continue;
        const auto fields = statFields(name);
        if (fields.size() > parentField && fields[parentField] == std::to_string(pid)) pids_.push_back(child);
    }
}

std::chrono::duration<double> ServerFigures::processorTime() const {
    double ticks = 0;
    for (const int pid : pids_) {
        const auto fields = statFields(std::to_string(pid));
        if (fields.size() <= kernelTimeField) throw std::runtime_error("the server has ended");
        ticks += std::stod(fields[userTimeField]) + std::stod(fields[kernelTimeField]);
    }
    return std::chrono::duration<double>(ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

std::int64_t ServerFigures::residentBytes() const {
    std::int64_t bytes = 0;
    for (const int pid : pids_) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
        bool found = false;
        for (std::string line; !found && std::getline(file, line);) {
            if (!line.starts_with("Pss:")) continue;
            bytes += std::stoll(line.substr(4)) * 1024;
            found = true;
        }
        if (!found) throw std::runtime_error("the memory of process " + std::to_string(pid) + " cannot be read");
    }
    return bytes;
}
