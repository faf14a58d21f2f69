#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace playhouse::host {

/// From the most important to the least.
enum class LogLevel { Error, Warning, Info, Debug };

/// "error", "warning", "info", "debug".
std::string_view toString(LogLevel level) noexcept;

/// One line of the log, before it was written as text or JSON.
struct LogRecord {
    std::uint64_t sequence = 0;  ///< 1 for the first since the server's start; set by KeptLogs
    std::chrono::system_clock::time_point time{};
    LogLevel level = LogLevel::Info;
    std::string source;  ///< "plugin.streaming", "audit", ..
    std::string requestId{};
    std::string message;
    boost::json::object fields{};  ///< what an audit line tells, for machines
};

/// Which lines are asked for.
struct LogQuery {
    std::uint64_t after = 0;                    ///< lines with a higher sequence, the oldest first; 0: the newest ones
    std::size_t limit = 200;                    ///< most lines
    LogLevel leastImportant = LogLevel::Debug;  ///< this level and more important ones
    std::string pluginId{};                     ///< written by this plugin, or by the host about it; empty: all
    std::string requestId{};                    ///< of this request; empty: all
};

struct LogPage {
    std::vector<LogRecord> records;  ///< in the order in which they were written
    std::uint64_t next = 0;          ///< the `after` to go on with
    std::uint64_t missed = 0;        ///< lines after `after` that are kept no more, of whatever plugin and level
};

/// The newest lines of the log, bounded by number and by bytes; the oldest go first. Safe from any thread.
class KeptLogs {
public:
    static constexpr std::size_t mostBytes = 8 * 1024 * 1024;
    static constexpr std::size_t mostMessageBytes = 16 * 1024;  ///< a longer message is cut off in here
    static constexpr int mostWaiting = 4;

    /// @param lines  kept at most; 0 keeps none
    explicit KeptLogs(std::size_t lines = 2000) : mostLines_(lines) {}

    /// Keeps so many from now on.
    void resize(std::size_t lines);

    void add(LogRecord record);

    /// The lines that `query` asks for. An `after` that was never reached, as when the server has started anew, counts
    /// as 0 does for a server that has just started: everything kept is given.
    ///
    /// When there are none, waits for one for up to `patience`; only mostWaiting calls wait at once, a further one
    /// returns without.
    LogPage read(const LogQuery& query, std::chrono::milliseconds patience = {});

    /// Ends every read() that waits, and lets none wait again: the server stops.
    void endWaiting();

private:
    LogPage page(const LogQuery& query) const;
    void makeRoom();

    std::mutex mutex_;
    std::condition_variable grown_;
    std::deque<LogRecord> records_;
    std::size_t mostLines_;
    std::size_t bytes_ = 0;
    std::uint64_t newest_ = 0;
    int waiting_ = 0;
    bool ending_ = false;
};

}  // namespace playhouse::host
