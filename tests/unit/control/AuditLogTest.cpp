#include "control/AuditLog.h"

#include "FakeAdministration.h"
#include "control/KeptLogs.h"
#include "control/LogLine.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/serialize.hpp>

using namespace playhouse::host;

namespace {

/// What the log `audit` gets, as records.
class AuditRecords {
public:
    AuditRecords() : logger_(Poco::Logger::get("audit")), before_(logger_.getChannel()), channel_(new Records) {
        logger_.setChannel(channel_);
    }
    ~AuditRecords() { logger_.setChannel(before_); }

    const std::vector<LogRecord>& all() const { return channel_->records; }
    const LogRecord& only() const {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, channel_->records.size());
        return channel_->records[0];
    }

private:
    struct Records : Poco::Channel {
        void log(const Poco::Message& message) override { records.push_back(recordOf(message)); }
        std::vector<LogRecord> records;
    };
    Poco::Logger& logger_;
    Poco::AutoPtr<Poco::Channel> before_;
    Poco::AutoPtr<Records> channel_;
};

}  // namespace

class AuditLogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuditLogTest);
    CPPUNIT_TEST(tellsWhoDidWhatFromWhatToWhat);
    CPPUNIT_TEST(tellsARefusalAndItsReason);
    CPPUNIT_TEST(aJsonLineHasTheFields);
    CPPUNIT_TEST(aReasonThatIsNotUtf8CostsNoField);
    CPPUNIT_TEST(aReloadTellsThePluginsThatItChanged);
    CPPUNIT_TEST(aRefusedReloadIsToldOnce);
    CPPUNIT_TEST_SUITE_END();

    FakeAdministration server_;

public:
    void tellsWhoDidWhatFromWhatToWhat() {
        const AuditRecords audit;
        auditedSwap(server_, {.who = "uid 0 (root)", .action = "swap", .plugin = "streaming", .detail = "to /a.so"},
                    [&] {
                        server_.find("streaming").version = "1.1.0";
                        server_.find("streaming").generation = 4;
                        return server_.swap("streaming", std::nullopt);
                    });
        const auto& record = audit.only();
        CPPUNIT_ASSERT(
            record.message.starts_with("uid 0 (root): swap streaming to /a.so: serving 1.0.0 (generation 3) "
                                       "-> serving 1.1.0 (generation 4), done in "));
        CPPUNIT_ASSERT(record.level == LogLevel::Info);
        CPPUNIT_ASSERT(record.fields.at("outcome").as_string() == "done");
        CPPUNIT_ASSERT(record.fields.at("from").at("version").as_string() == "1.0.0");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, record.fields.at("to").at("generation").to_number<std::uint64_t>());
        CPPUNIT_ASSERT(record.fields.at("milliseconds").to_number<double>() >= 0);
    }

    void tellsARefusalAndItsReason() {
        const AuditRecords audit;
        CPPUNIT_ASSERT_THROW(auditedChange(server_, {.who = "192.0.2.1", .action = "enable", .plugin = "none"},
                                           [&] { server_.enable("none"); }),
                             PluginError);
        const auto& record = audit.only();
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1: enable none: unknown -> "
                                         "unknown, refused: no plugin \"none\" is "
                                         "configured"),
                             record.message);
        CPPUNIT_ASSERT(record.level == LogLevel::Warning);
        CPPUNIT_ASSERT(record.fields.at("outcome").as_string() == "refused");
        CPPUNIT_ASSERT(record.fields.at("reason").as_string() == "no plugin \"none\" is configured");
        CPPUNIT_ASSERT(record.fields.at("from").is_null());
    }

    void aJsonLineHasTheFields() {
        const AuditRecords audit;
        writeAudit({.who = "SIGTERM from uid 0 (root)", .action = "stop", .took = std::chrono::microseconds(1500)});
        const auto line = jsonOf(audit.only());
        CPPUNIT_ASSERT(line.at("source").as_string() == "audit");
        CPPUNIT_ASSERT(line.at("who").as_string() == "SIGTERM from uid 0 (root)");
        CPPUNIT_ASSERT(line.at("action").as_string() == "stop");
        CPPUNIT_ASSERT_EQUAL(1.5, line.at("milliseconds").as_double());
        CPPUNIT_ASSERT(!line.contains("plugin"));
        CPPUNIT_ASSERT(!line.contains("reason"));
    }

    void aReasonThatIsNotUtf8CostsNoField() {
        const AuditRecords audit;
        writeAudit({.who = "uid 0 (root)", .action = "swap", .plugin = "chat", .refusal = "caf\xe9 is closed"});
        const auto line = jsonOf(audit.only());
        CPPUNIT_ASSERT(line.at("who").as_string() == "uid 0 (root)");
        CPPUNIT_ASSERT(line.at("outcome").as_string() == "refused");
        CPPUNIT_ASSERT(line.at("reason").as_string() == "caf\xef\xbf\xbd is closed");
    }

    void aReloadTellsThePluginsThatItChanged() {
        const AuditRecords audit;
        server_.onReload = [&] {
            server_.find("streaming").version = "2.0.0";
            server_.find("streaming").generation = 4;
            server_.find("chat").state = PluginState::Failed;
            server_.find("chat").error = "no database";
        };
        auditedReload(server_, "SIGHUP from uid 0 (root)");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, audit.all().size());
        CPPUNIT_ASSERT(audit.all()[0].message.starts_with("SIGHUP from uid 0 (root): reload of 1 keys: done in "));
        CPPUNIT_ASSERT(boost::json::serialize(audit.all()[0].fields.at("changed")) == "[\"log.level\"]");
        CPPUNIT_ASSERT_EQUAL(std::string("SIGHUP from uid 0 (root): swap streaming by "
                                         "configuration: serving 1.0.0 "
                                         "(generation 3) -> serving 2.0.0 (generation 4), done"),
                             audit.all()[1].message);
        CPPUNIT_ASSERT_EQUAL(std::string("SIGHUP from uid 0 (root): start chat by "
                                         "configuration: disabled -> failed, "
                                         "refused: no database"),
                             audit.all()[2].message);
    }

    void aRefusedReloadIsToldOnce() {
        const AuditRecords audit;
        server_.reloadRefusal.emplace("a:1: unknown key \"x\"");
        CPPUNIT_ASSERT_THROW(auditedReload(server_, "configuration.watch"), ConfigurationError);
        CPPUNIT_ASSERT_THROW(auditedReload(server_, "configuration.watch", "a:1: unknown key \"x\""),
                             ConfigurationError);
        CPPUNIT_ASSERT_EQUAL(std::string("configuration.watch: reload: refused: a:1: unknown key \"x\""),
                             audit.only().message);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuditLogTest);
