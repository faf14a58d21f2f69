#pragma once

#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace playhouse::host {

/// A server that answers GET, and POST with its body, at /a, and counts what reaches a handler.
class RefusingServer {
public:
    explicit RefusingServer(EdgeSettings settings = {})
        : server_({route(Method::Get, "/a", handler()), route(Method::Post, "/a", handler())}, std::move(settings)) {}

    std::uint16_t port() const { return server_.port(); }
    int handled() const { return handled_; }

    /// The connection's first answer is a refusal with `status`, the connection ends behind it, and no handler sees the
    /// request, however the bytes are cut.
    void expectRefusal(const std::string& request, int status) {
        expectRefusal(request, status, request.size());
        if (request.size() < 400) expectRefusal(request, status, 1);
    }

    /// One request is answered with 200; returns its body.
    std::string expectAnswer(const std::string& request) {
        RawClient client(port());
        client.send(request);
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(request.substr(0, 200), 200, answer.status);
        return answer.body;
    }

private:
    Handler handler() {
        return [this](const Request& request) {
            ++handled_;
            return Response::text(request.body());
        };
    }

    void expectRefusal(std::string_view request, int status, std::size_t step) {
        const std::string told(request.substr(0, 200));
        const auto before = handled();
        RawClient client(port());
        for (std::size_t at = 0; at < request.size(); at += step) client.send(request.substr(at, step));
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(told, status, answer.status);
        CPPUNIT_ASSERT_MESSAGE(told, answer.body.find("\"success\":false") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(told, std::string("close"), answer.headers.at("connection"));
        CPPUNIT_ASSERT_MESSAGE(told, client.isClosed());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(told, before, handled());
    }

    std::atomic<int> handled_{0};
    TestServer server_;
};

}  // namespace playhouse::host
