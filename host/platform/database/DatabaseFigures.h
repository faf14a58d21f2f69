#pragma once

#include "ConnectionPool.h"

#include <chrono>
#include <exception>
#include <memory>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

/// What GET /metrics shows of the database. Any thread.
class DatabaseFigures {
public:
    explicit DatabaseFigures(prometheus::Registry& registry);
    ~DatabaseFigures();

    void setState(const ConnectionPool::State& state);
    void addQuery(std::chrono::steady_clock::duration took);
    void addRetry();

    /// Counts what is being thrown, by its kind.
    void addError() noexcept;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace playhouse::host
