#pragma once

#include "DatabaseConnection.h"
#include "DatabaseSettings.h"
#include "PostgresWire.h"
#include "ReadOnlyNotice.h"

#include <atomic>
#include <exception>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace playhouse::host {

/// A connection to PostgreSQL: DatabaseConnection says what it does.
class PostgresConnection final : public DatabaseConnection {
public:
    /// Sets the session up. Throws ApiError or SqlError. All connections to one database share `readOnly`.
    PostgresConnection(Poco::Data::Session session, std::chrono::milliseconds patience,
                       std::shared_ptr<ReadOnlyNotice> readOnly);
    ~PostgresConnection() override;

    SqlResult run(std::string_view sql, std::span<const SqlValue> parameters, Deadline deadline) override;
    void insert(std::string_view table, std::span<const std::string> columns,
                std::span<const std::vector<SqlValue>> rows, std::chrono::milliseconds patience) override;
    void runScript(const std::string& text, Deadline deadline) override;
    void begin(Deadline deadline) override;
    void commit(Deadline deadline) override;
    void rollback() noexcept override;
    bool inTransaction() const noexcept override;
    bool conflicted() const noexcept override { return conflicted_; }
    Silence silence() const noexcept override;
    bool isUsable() noexcept override;
    void allow(std::chrono::milliseconds perStatement) override;
    void breakOff() noexcept override;
    Poco::Data::Session& session() noexcept override { return session_; }

private:
    struct Kept {
        std::string sql;
        std::string name;
        std::size_t parameters = 0;
    };

    /// Also of a connection that could not be set up.
    struct Freeing {
        Poco::Data::Session& session;
        ~Freeing();
    };

    const Kept& prepared(std::string_view sql, Deadline deadline);
    void forget(std::list<Kept>::iterator kept, Deadline deadline);
    PostgresResult execute(const Kept& kept, std::span<const SqlValue> parameters, Deadline deadline);
    PostgresResult simple(const std::string& sql, Deadline deadline);

    /// Throws what a failed result tells; only a stale plan outside of a transaction comes back.
    void check(const PGresult* result);
    [[noreturn]] void throwReadOnly(const PGresult* result);
    void keepFailure() noexcept;

    Poco::Data::Session session_;
    Freeing freeing_;
    PostgresWire wire_;
    std::chrono::milliseconds patience_;
    std::shared_ptr<ReadOnlyNotice> readOnly_;
    std::list<Kept> kept_;  ///< the most recently used first
    std::unordered_map<std::string_view, std::list<Kept>::iterator> bySql_;
    std::uint64_t lastName_ = 0;
    bool ownTransaction_ = false;
    bool conflicted_ = false;
    bool mustClose_ = false;   ///< and nothing more is to be asked by it
    bool isLastLoan_ = false;  ///< its settings are not for others
    bool mustForgetAll_ = false;
    std::exception_ptr failure_;
};

}  // namespace playhouse::host
