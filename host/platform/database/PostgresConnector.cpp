#include "DatabaseErrors.h"
#include "PostgresConnection.h"
#include "PostgresHandle.h"

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Exception.h>

#include <map>
#include <string>
#include <utility>

namespace playhouse::host {
namespace {

/// `parameters` as Poco passes them to libpq: it takes the text apart at spaces, which values therefore cannot hold
/// (DatabaseUrl refuses them), and quotes are of no use.
std::string connectionText(std::map<std::string, std::string> parameters) {
    parameters.try_emplace("application_name", "playhouse");
    parameters.try_emplace("client_encoding", "UTF8");
    parameters.try_emplace("connect_timeout", "2");
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        text += (text.empty() ? "" : " ") + name + "=";
        for (const auto letter : value) {
            if (letter == '\\' || letter == '\'') text += '\\';
            text += letter;
        }
    }
    return text;
}

/// The first line, and without what Poco wraps around it.
std::string shortened(std::string text) {
    if (const auto end = text.find('\n'); end != std::string::npos) text.resize(end);
    return text;
}

/// A refused connection has no SQLSTATE in libpq's interface. These are the texts of 53300, unless the server speaks
/// another language.
std::string adviceOn(const std::string& problem) {
    for (const auto* text : {"too many clients", "too many connections", "remaining connection slots"})
        if (problem.find(text) != std::string::npos)
            return "; its max_connections, and the user's CONNECTION LIMIT, must hold database.sessions of all hosts";
    return {};
}

class PostgresConnector final : public DatabaseConnector {
public:
    explicit PostgresConnector(const DatabaseSettings& settings)
        : text_(connectionText(settings.parameters)), where_(describe(settings)), patience_(settings.patience) {
        Poco::Data::PostgreSQL::Connector::registerConnector();
    }

    std::unique_ptr<DatabaseConnection> connect() override {
        if (const auto problem = connectionProblem(text_); !problem.empty())
            throw ConnectionRefused("the " + where_ + " cannot be reached: " + shortened(problem) + adviceOn(problem));
        try {
            return std::make_unique<PostgresConnection>(
                Poco::Data::Session(Poco::Data::PostgreSQL::Connector::KEY, text_), patience_, readOnly_);
        } catch (const Poco::Exception& problem) {
            throw ConnectionRefused("the " + where_ + " cannot be reached: " + shortened(problem.message()));
        } catch (const std::exception& problem) {
            throw ConnectionRefused("the " + where_ + " cannot be used: " + shortened(problem.what()));
        }
    }

private:
    const std::string text_;
    const std::string where_;
    const std::chrono::milliseconds patience_;
    const std::shared_ptr<ReadOnlyNotice> readOnly_ = std::make_shared<ReadOnlyNotice>(where_);
};

}  // namespace

std::unique_ptr<DatabaseConnector> postgresConnector(const DatabaseSettings& settings) {
    return std::make_unique<PostgresConnector>(settings);
}

}  // namespace playhouse::host
