#include "PluginLogger.h"

#include "routing/RequestContext.h"

namespace playhouse::host {

PluginLogger::PluginLogger(std::string_view pluginId) : logger_(Poco::Logger::get("plugin." + std::string(pluginId))) {}

void PluginLogger::debug(std::string_view message) {
    write(Poco::Message::PRIO_DEBUG, message);
}
void PluginLogger::info(std::string_view message) {
    write(Poco::Message::PRIO_INFORMATION, message);
}
void PluginLogger::warning(std::string_view message) {
    write(Poco::Message::PRIO_WARNING, message);
}
void PluginLogger::error(std::string_view message) {
    write(Poco::Message::PRIO_ERROR, message);
}

void PluginLogger::write(Poco::Message::Priority priority, std::string_view text) {
    if (!logger_.is(priority)) return;
    Poco::Message message(logger_.name(), std::string(text), priority);
    if (const auto request = currentRequestId(); !request.empty()) message.set("request", std::string(request));
    logger_.log(message);
}

}  // namespace playhouse::host
