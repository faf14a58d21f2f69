#include "Logging.h"

#include "LogLine.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <utility>

namespace playhouse::host {
namespace {

class StandardErrorChannel : public Poco::Channel {
public:
    void log(const Poco::Message& message) override {
        const auto line = message.getText() + "\n";
        const std::lock_guard lock(mutex_);
        std::string_view rest = line;
        while (!rest.empty()) {
            const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            // Nobody reads the log any more, which is no reason to stop serving.
            if (written < 0) return;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

private:
    std::mutex mutex_;
};

/// Keeps each line before it is written.
class KeepingChannel : public Poco::Channel {
public:
    KeepingChannel(std::shared_ptr<KeptLogs> kept, Poco::AutoPtr<Poco::Channel> next)
        : kept_(std::move(kept)), next_(std::move(next)) {}

    void log(const Poco::Message& message) override {
        kept_->add(recordOf(message));
        next_->log(message);
    }

private:
    std::shared_ptr<KeptLogs> kept_;
    Poco::AutoPtr<Poco::Channel> next_;
};

int pocoLevel(const std::string& level) {
    if (level == "error") return Poco::Message::PRIO_ERROR;
    if (level == "warning") return Poco::Message::PRIO_WARNING;
    return level == "debug" ? Poco::Message::PRIO_DEBUG : Poco::Message::PRIO_INFORMATION;
}

}  // namespace

void configureLogging(const LogSettings& settings, std::shared_ptr<KeptLogs> kept) {
    Poco::AutoPtr<Poco::Formatter> formatter(settings.format == LogFormat::Json
                                                 ? static_cast<Poco::Formatter*>(new JsonLineFormatter)
                                                 : new TextLineFormatter);
    Poco::AutoPtr<Poco::Channel> sink(new StandardErrorChannel);
    Poco::AutoPtr<Poco::Channel> channel(new Poco::FormattingChannel(formatter, sink));
    if (kept) {
        kept->resize(settings.keptLines);
        channel = new KeepingChannel(std::move(kept), channel);
    }
    // The root's too, which loggers to come inherit; setChannel() by name reaches those that exist.
    Poco::Logger::root();
    Poco::Logger::setChannel("", channel);
    Poco::Logger::setLevel("", pocoLevel(settings.level));
}

}  // namespace playhouse::host
