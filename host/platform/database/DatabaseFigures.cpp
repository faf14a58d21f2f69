#include "DatabaseFigures.h"

#include <playhouse/ApiError.h>
#include <playhouse/Sql.h>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <stdexcept>
#include <string>

namespace playhouse::host {
namespace {

std::string kindOf(const SqlError& error) {
    static constexpr std::array kinds{"unique", "foreign-key", "not-null", "check", "invalid", "other"};
    return kinds.at(static_cast<std::size_t>(error.kind()));
}

}  // namespace

struct DatabaseFigures::Families {
    explicit Families(prometheus::Registry& registry)
        : sessions(prometheus::BuildGauge()
                       .Name("playhouse_database_sessions")
                       .Help("Connections to the database, by state: \"used\" or \"idle\"")
                       .Register(registry)),
          waiting(prometheus::BuildGauge()
                      .Name("playhouse_database_waiting")
                      .Help("Pieces of work that wait for a connection to the database")
                      .Register(registry)
                      .Add({})),
          up(prometheus::BuildGauge()
                 .Name("playhouse_database_up")
                 .Help("0 from when the database could not be reached, or did not answer in time, until it does again; "
                       "else 1")
                 .Register(registry)
                 .Add({})),
          retries(prometheus::BuildCounter()
                      .Name("playhouse_database_retries_total")
                      .Help("Transactions and statements that were run again, as others were at the same rows")
                      .Register(registry)
                      .Add({})),
          errors(prometheus::BuildCounter()
                     .Name("playhouse_database_errors_total")
                     .Help("Statements that failed, by kind: that of an SqlError, or the code of an answer such as "
                           "DATABASE_UNAVAILABLE")
                     .Register(registry)),
          seconds(prometheus::BuildHistogram()
                      .Name("playhouse_database_query_seconds")
                      .Help("Time of each statement until its result was there")
                      .Register(registry)
                      .Add({}, prometheus::Histogram::BucketBoundaries{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                                       0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5})) {}

    prometheus::Family<prometheus::Gauge>& sessions;
    prometheus::Gauge& waiting;
    prometheus::Gauge& up;
    prometheus::Counter& retries;
    prometheus::Family<prometheus::Counter>& errors;
    prometheus::Histogram& seconds;
    prometheus::Gauge& used = sessions.Add({{"state", "used"}});
    prometheus::Gauge& idle = sessions.Add({{"state", "idle"}});
};

DatabaseFigures::DatabaseFigures(prometheus::Registry& registry) : families_(std::make_unique<Families>(registry)) {}

DatabaseFigures::~DatabaseFigures() = default;

void DatabaseFigures::setState(const ConnectionPool::State& state) {
    families_->used.Set(static_cast<double>(state.lent));
    families_->idle.Set(static_cast<double>(state.idle));
    families_->waiting.Set(static_cast<double>(state.waiting));
    families_->up.Set(state.isUp ? 1 : 0);
}

void DatabaseFigures::addQuery(std::chrono::steady_clock::duration took) {
    families_->seconds.Observe(std::chrono::duration<double>(took).count());
}

void DatabaseFigures::addRetry() {
    families_->retries.Increment();
}

void DatabaseFigures::addError() noexcept {
    try {
        std::string kind = "other";
        try {
            throw;
        } catch (const SqlError& error) {
            kind = kindOf(error);
        } catch (const ApiError& error) {
            kind = error.code();
        } catch (const std::invalid_argument&) {
            kind = "invalid";
        } catch (...) {
            // Of no kind that is known here.
        }
        families_->errors.Add({{"kind", kind}}).Increment();
    } catch (...) {
        // No memory for a figure; the error itself goes on.
    }
}

}  // namespace playhouse::host
