#include "../control/CapturedLog.h"
#include "edge/EventLoop.h"
#include "platform/ChannelHub.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>

using namespace playhouse;
using namespace playhouse::host;

class EventLoopTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventLoopTest);
    CPPUNIT_TEST(goesOnAfterWorkThatThrows);
    CPPUNIT_TEST_SUITE_END();

public:
    /// One connection's grief, such as want of memory, must not end all others of the loop.
    void goesOnAfterWorkThatThrows() {
        const CapturedLog log("http");
        RouteTableSlot routes;
        WorkerPool workers{1, 8};
        ChannelHub hub;
        prometheus::Registry registry;
        const auto shared = std::make_shared<EdgeShared>(routes, workers, hub, registry);
        const auto loop = std::make_shared<EventLoop>(shared, std::make_shared<EdgeSettings>(), 0);
        loop->run();
        boost::asio::post(loop->context(), [] { throw std::runtime_error("no memory"); });
        boost::asio::post(loop->context(), [] { throw 7; });
        std::promise<void> reached;
        boost::asio::post(loop->context(), [&] { reached.set_value(); });
        const auto answer = reached.get_future().wait_for(std::chrono::seconds(30));
        loop->stop();
        CPPUNIT_ASSERT(answer == std::future_status::ready);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, log.lines().size());
        CPPUNIT_ASSERT(log.lines().at(0).find("no memory") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EventLoopTest);
