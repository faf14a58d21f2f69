#include "platform/PluginLogger.h"
#include "routing/RequestContext.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <vector>

using namespace playhouse::host;

/// A plugin's lines carry its name and the request they belong to.
class PluginLoggerTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginLoggerTest);
    CPPUNIT_TEST(linesOfARequestCarryItsId);
    CPPUNIT_TEST(linesBelowTheLevelAreNotWritten);
    CPPUNIT_TEST_SUITE_END();

    class Memory final : public Poco::Channel {
    public:
        void log(const Poco::Message& message) override { messages.push_back(message); }
        std::vector<Poco::Message> messages;
    };

    Poco::AutoPtr<Memory> memory_;

public:
    void setUp() override {
        memory_ = new Memory;
        Poco::Logger::get("plugin.chat").setChannel(memory_);
        Poco::Logger::get("plugin.chat").setLevel(Poco::Message::PRIO_INFORMATION);
    }

    void tearDown() override { Poco::Logger::destroy("plugin.chat"); }

    void linesOfARequestCarryItsId() {
        PluginLogger logger("chat");
        logger.info("outside");
        {
            const RequestScope scope("r-17");
            logger.error("inside");
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, memory_->messages.size());
        CPPUNIT_ASSERT(!memory_->messages[0].has("request"));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin.chat"), memory_->messages[0].getSource());
        CPPUNIT_ASSERT_EQUAL(std::string("inside"), memory_->messages[1].getText());
        CPPUNIT_ASSERT_EQUAL(std::string("r-17"), memory_->messages[1].get("request"));
        CPPUNIT_ASSERT(memory_->messages[1].getPriority() == Poco::Message::PRIO_ERROR);
    }

    void linesBelowTheLevelAreNotWritten() {
        PluginLogger("chat").debug("details");
        CPPUNIT_ASSERT(memory_->messages.empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginLoggerTest);
