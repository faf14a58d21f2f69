#pragma once

#include <playhouse/Logger.h>

#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <string>
#include <string_view>

namespace playhouse::host {

/// Writes to the Poco logger `plugin.<id>`. Each message carries the request that the thread handles, when it handles
/// one, as its parameter `request`. Safe from any thread.
class PluginLogger final : public Logger {
public:
    explicit PluginLogger(std::string_view pluginId);

    void debug(std::string_view message) override;
    void info(std::string_view message) override;
    void warning(std::string_view message) override;
    void error(std::string_view message) override;

private:
    void write(Poco::Message::Priority priority, std::string_view text);

    Poco::Logger& logger_;
};

}  // namespace playhouse::host
