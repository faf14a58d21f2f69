#include "PluginHouse.h"

#include <stdlib.h>
#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <stdexcept>
#include <variant>

namespace playhouse::tests {
namespace {

namespace fs = std::filesystem;

fs::path makeDirectory() {
    auto name = (fs::temp_directory_path() / "playhouse-plugins-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
    return name;
}

std::string textOf(const Response& response) {
    std::string text;
    for (const auto& part : response.body().parts()) text += std::get<SharedBuffer>(part).text();
    return text;
}

}  // namespace

PluginHouse::PluginHouse(host::SwapSettings settings)
    : directory_(makeDirectory()),
      manager_(std::make_unique<host::PluginManager>(platform_, routes_, directory_ / "generations", settings)) {}

PluginHouse::~PluginHouse() {
    manager_->stopAll(std::chrono::seconds(30));
    manager_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

std::string PluginHouse::ask(Method method, const std::string& path) const {
    while (true) {
        RequestParts parts;
        parts.method = method;
        parts.target = parts.path = path;
        const auto table = routes_.current().first;
        const auto match = table->match(method, path, parts.pathParameters);
        if (!match.entry) return match.disabledPlugin ? "503 " + *match.disabledPlugin : "404";
        if (const auto lease = match.entry->gate->enter()) {
            std::string answer;
            bool failed = false;
            try {
                answer = textOf(std::get<Handler>(match.entry->route->handler)(Request(std::move(parts))));
            } catch (const std::exception& problem) {
                answer = std::string("error: ") + problem.what();
                failed = true;
            }
            if (match.entry->answers) match.entry->answers->count(failed);
            return answer;
        }
        std::promise<void> resumed;
        const auto parking = match.entry->gate->park([&resumed] { resumed.set_value(); });
        if (parking == host::LeaseGate::Parking::Full) return "503";
        if (parking == host::LeaseGate::Parking::Parked) resumed.get_future().wait();
    }
}

host::PluginStatus PluginHouse::statusOf(const std::string& id) const {
    for (auto& status : manager_->status())
        if (status.id == id) return status;
    throw std::runtime_error("no status of " + id);
}

void PluginHouse::touch(const std::string& name) const {
    std::ofstream(file(name)) << "x";
}

std::size_t PluginHouse::copies() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_ / "generations"), {}));
}

std::size_t PluginHouse::mappedCopies() const {
    const auto generations = fs::canonical(directory_ / "generations").string();
    std::set<std::string> mapped;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (const auto path = line.find(generations); path != std::string::npos) mapped.insert(line.substr(path));
    return mapped.size();
}

fs::path fixture(const std::string& name) {
    return fs::path(PLAYHOUSE_FIXTURES) / (name + ".so");
}

host::PluginConfiguration configured(const std::string& id, const std::string& library,
                                     std::map<std::string, std::string> settings) {
    host::PluginConfiguration configuration;
    configuration.id = id;
    configuration.library = fixture(library);
    configuration.settings = std::move(settings);
    return configuration;
}

}  // namespace playhouse::tests
