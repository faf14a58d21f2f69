#pragma once

#include "Figures.h"
#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <deque>
#include <mutex>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::host {

/// A server whose GET /healthz and /metrics are the host's own, and whose GET /held answers when it is let.
class BusyServer {
public:
    explicit BusyServer(EdgeSettings settings)
        : routes_{route(Method::Get, "/healthz", [](const Request&) { return Response::text("alive"); }),
                  route(
                      Method::Get, "/metrics", [](const Request&) { return Response::text("figures"); },
                      Execution::Worker)},
          server_({route(Method::Get, "/", [](const Request&) { return Response::text("hi"); }),
                   route(
                       Method::Get, "/slow",
                       [this](const Request&) {
                           begun_.release();
                           go_.acquire();
                           return Response::text("slow");
                       },
                       Execution::Worker),
                   deferredRoute("/held",
                                 [this](const Request&, Responder responder) {
                                     const std::lock_guard lock(mutex_);
                                     held_.push_back(std::move(responder));
                                     begun_.release();
                                 })},
                  std::move(settings)) {
        RouteTable::Builder builder;
        for (const auto& one : server_.routes)
            builder.add({one.method, RoutePattern(one.pattern), one.options, "test", server_.gate, &one, 0});
        for (const auto& one : routes_)
            builder.add({one.method, RoutePattern(one.pattern), one.options, "host", server_.gate, &one, 0});
        server_.slot.publish(std::move(builder).build());
    }
    ~BusyServer() {
        answerAll();
        go_.release(64);
    }

    std::uint16_t port() const { return server_.port(); }
    std::uint16_t tlsPort() const { return server_.server.tlsPort(); }

    /// Waits until `count` more handlers have a request.
    void awaitBegun(int count) {
        for (int index = 0; index < count; ++index) begun_.acquire();
    }
    void letGo(int count) { go_.release(count); }
    void answerAll() {
        const std::lock_guard lock(mutex_);
        for (auto& responder : held_) responder.send(Response::text("held"));
        held_.clear();
    }

    /// The value of a figure, such as name{label="value"}.
    double figure(const std::string& name) const { return figureOf(server_.registry, name); }
    double refusals(const std::string& reason) const {
        return figure("playhouse_overload_refusals_total{reason=\"" + reason + "\"}");
    }

private:
    std::counting_semaphore<> begun_{0};
    std::counting_semaphore<> go_{0};
    std::mutex mutex_;
    std::vector<Responder> held_;
    std::deque<Route> routes_;
    TestServer server_;
};

/// 503 with what clients are to know of it.
inline void assertOverloaded(const Answer& answer) {
    CPPUNIT_ASSERT_EQUAL(503, answer.status);
    CPPUNIT_ASSERT_EQUAL(std::string("1"), answer.headers.at("retry-after"));
    const auto envelope = boost::json::parse(answer.body).as_object();
    CPPUNIT_ASSERT(!envelope.at("success").as_bool());
    CPPUNIT_ASSERT_EQUAL(std::string("OVERLOADED"),
                         std::string(envelope.at("error").as_object().at("code").as_string()));
    CPPUNIT_ASSERT(envelope.contains("timestamp"));
}

inline void sendGet(const RawClient& client, const std::string& path) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

}  // namespace playhouse::host
