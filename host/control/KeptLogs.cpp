#include "KeptLogs.h"

#include <playhouse/Utf8.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

std::size_t sizeOf(const LogRecord& record) {
    const auto fields = record.fields.empty() ? 0 : boost::json::serialize(record.fields).size();
    return sizeof(LogRecord) + record.source.size() + record.requestId.size() + record.message.size() + fields;
}

bool speaksOf(const LogRecord& record, const std::string& pluginId) {
    if (record.source == "plugin." + pluginId) return true;
    if (record.source == "plugins") return record.message.starts_with("plugin \"" + pluginId + "\"");
    const auto* plugin = record.fields.if_contains("plugin");
    return plugin != nullptr && plugin->is_string() && plugin->get_string() == pluginId;
}

bool matches(const LogRecord& record, const LogQuery& query) {
    return record.level <= query.leastImportant && (query.pluginId.empty() || speaksOf(record, query.pluginId)) &&
           (query.requestId.empty() || record.requestId == query.requestId);
}

}  // namespace

std::string_view toString(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::Error:
            return "error";
        case LogLevel::Warning:
            return "warning";
        case LogLevel::Info:
            return "info";
        case LogLevel::Debug:
            return "debug";
    }
    return "unknown";
}

void KeptLogs::resize(std::size_t lines) {
    const std::lock_guard lock(mutex_);
    mostLines_ = lines;
    makeRoom();
}

void KeptLogs::add(LogRecord record) {
    if (record.message.size() > mostMessageBytes) {
        const auto more = record.message.size() - mostMessageBytes;
        record.message.resize(mostMessageBytes);
        record.message = asUtf8(record.message) + " (and " + std::to_string(more) + " bytes more)";
    }
    {
        const std::lock_guard lock(mutex_);
        record.sequence = ++newest_;
        bytes_ += sizeOf(record);
        records_.push_back(std::move(record));
        makeRoom();
    }
    grown_.notify_all();
}

void KeptLogs::makeRoom() {
    while (!records_.empty() && (records_.size() > mostLines_ || bytes_ > mostBytes)) {
        bytes_ -= sizeOf(records_.front());
        records_.pop_front();
    }
}

LogPage KeptLogs::read(const LogQuery& query, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    auto found = page(query);
    if (!found.records.empty() || patience.count() <= 0 || waiting_ >= mostWaiting) return found;
    ++waiting_;
    while (found.records.empty() && !ending_) {
        if (grown_.wait_until(lock, deadline) == std::cv_status::timeout) break;
        found = page(query);
    }
    --waiting_;
    return found;
}

LogPage KeptLogs::page(const LogQuery& query) const {
    LogPage page{.records = {}, .next = newest_};
    const bool startedAnew = query.after > newest_;
    const auto after = startedAnew ? 0 : query.after;
    const auto firstKept = newest_ - records_.size() + 1;
    if (after > 0 && after + 1 < firstKept) page.missed = firstKept - after - 1;
    if (query.after == 0) {
        for (auto record = records_.rbegin(); record != records_.rend() && page.records.size() < query.limit; ++record)
            if (matches(*record, query)) page.records.push_back(*record);
        std::reverse(page.records.begin(), page.records.end());
        return page;
    }
    const auto passed = after >= firstKept ? after - firstKept + 1 : 0;
    for (auto index = static_cast<std::size_t>(passed); index < records_.size(); ++index) {
        if (!matches(records_[index], query)) continue;
        if (page.records.size() == query.limit) {
            page.next = page.records.back().sequence;
            break;
        }
        page.records.push_back(records_[index]);
    }
    return page;
}

void KeptLogs::endWaiting() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    grown_.notify_all();
}

}  // namespace playhouse::host
