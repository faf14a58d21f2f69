#include "Logging.h"

#include "LogLine.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

/// Writes formatted lines. Where they cannot be written (a full disk, a reader who has gone) the server serves on; how
/// many were lost is told as soon as one can be written again.
class StandardErrorChannel : public Poco::Channel {
public:
    explicit StandardErrorChannel(Poco::AutoPtr<Poco::Formatter> formatter) : formatter_(std::move(formatter)) {}

    void log(const Poco::Message& message) override {
        const std::lock_guard lock(mutex_);
        if ((lost_ > 0 && !tellLost()) || !write(message.getText() + "\n")) ++lost_;
    }

private:
    bool tellLost() {
        const Poco::Message message("host",
                                    "log: " + std::to_string(lost_) + " lines before this one could not be written: " +
                                        std::generic_category().message(problem_),
                                    Poco::Message::PRIO_WARNING);
        std::string line;
        formatter_->format(message, line);
        // What was written in part ends here.
        if (!write((isCut_ ? "\n" : "") + line + "\n")) return false;
        lost_ = 0;
        return true;
    }

    bool write(std::string_view text) {
        const auto size = text.size();
        while (!text.empty()) {
            const auto written = ::write(STDERR_FILENO, text.data(), text.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) {
                problem_ = errno;
                isCut_ = isCut_ || text.size() < size;
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        isCut_ = false;
        return true;
    }

    std::mutex mutex_;
    Poco::AutoPtr<Poco::Formatter> formatter_;
    std::uint64_t lost_ = 0;
    bool isCut_ = false;
    int problem_ = 0;
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
    Poco::AutoPtr<Poco::Channel> sink(new StandardErrorChannel(formatter));
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
