#pragma once

#include "routing/RequestContext.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <mutex>
#include <string>
#include <vector>

/// Keeps what one Poco logger writes, until its end. Safe from any thread.
class CapturedLog {
public:
    explicit CapturedLog(const std::string& logger)
        : logger_(Poco::Logger::get(logger)), before_(logger_.getChannel()), channel_(new Lines) {
        logger_.setChannel(channel_);
    }
    ~CapturedLog() { logger_.setChannel(before_); }

    std::vector<std::string> lines() const {
        const std::lock_guard lock(channel_->mutex);
        return channel_->lines;
    }

    /// For each line, the request of the thread that wrote it; empty outside of one.
    std::vector<std::string> requests() const {
        const std::lock_guard lock(channel_->mutex);
        return channel_->requests;
    }

private:
    struct Lines : Poco::Channel {
        void log(const Poco::Message& message) override {
            const std::lock_guard lock(mutex);
            lines.push_back(message.getText());
            requests.emplace_back(playhouse::host::currentRequestId());
        }
        mutable std::mutex mutex;
        std::vector<std::string> lines;
        std::vector<std::string> requests;
    };

    Poco::Logger& logger_;
    Poco::AutoPtr<Poco::Channel> before_;
    Poco::AutoPtr<Lines> channel_;
};
