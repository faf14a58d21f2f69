#include <playhouse/testing/FakeContext.h>

#include <stdexcept>
#include <utility>

namespace playhouse::testing {

FakeContext::FakeContext(std::string pluginId, std::map<std::string, std::string> settings)
    : pluginId_(std::move(pluginId)), settings_(pluginId_, std::move(settings)), storage_(pluginId_) {}

void FakeContext::start(Plugin& plugin) {
    plugin.start(*this);
    if (const auto unread = settings_.unread(); !unread.empty())
        throw std::invalid_argument("plugin." + pluginId_ + "." + unread.front() +
                                    " is a setting the plugin does not know");
}

Response FakeContext::request(Method method, std::string target, Headers headers, std::string body) {
    RequestParts parts;
    parts.method = method;
    parts.target = std::move(target);
    parts.headers = std::move(headers);
    parts.body = std::move(body);
    parts.clientAddress = "127.0.0.1";
    const auto exchange = router_.send(std::move(parts));
    if (!exchange->isAnswered()) tasks_.runDue();
    return exchange->takeResponse();
}

}  // namespace playhouse::testing
