#include "ControlClient.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <memory>

namespace playhouse::host {
namespace {

using Poco::Net::HTTPClientSession;

constexpr std::chrono::milliseconds connectPatience{5000};

Poco::Timespan timespan(std::chrono::milliseconds time) {
    return {std::chrono::duration_cast<std::chrono::microseconds>(time).count()};
}

std::unique_ptr<HTTPClientSession> connect(const ServerAddress& server, std::chrono::milliseconds patience) {
    std::unique_ptr<HTTPClientSession> session;
    if (server.host.empty()) {
        const Poco::Net::SocketAddress address(Poco::Net::SocketAddress::UNIX_LOCAL, server.socket.string());
        Poco::Net::StreamSocket socket(address);
        // A session sets its own times only on sockets that it connects itself.
        socket.setSendTimeout(timespan(patience));
        socket.setReceiveTimeout(timespan(patience));
        session = std::make_unique<HTTPClientSession>(socket);
    } else {
        session = std::make_unique<HTTPClientSession>(server.host, server.port);
    }
    session->setTimeout(timespan(std::min(patience, connectPatience)), timespan(patience), timespan(patience));
    return session;
}

/// What may help who gets no answer.
std::string adviceFor(const ServerAddress& server) {
    if (server.host.empty())
        return "Is it running, with this control.socket, and may you use it? "
               "--socket PATH names another.";
    return "Is it running, with this control.address and control.port? --server "
           "URL names another.";
}

}  // namespace

std::string ServerAddress::text() const {
    if (host.empty()) return socket.string();
    const bool isIPv6 = host.find(':') != std::string::npos;
    return "http://" + (isIPv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

ControlAnswer ControlClient::send(const std::string& method, const std::string& path, const std::string& body) const {
    try {
        const auto session = connect(server_, patience_);
        Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
        if (server_.host.empty())
            request.setHost("localhost");
        else if (!server_.token.empty())
            request.set("Authorization", "Bearer " + server_.token);
        if (!body.empty()) request.setContentType("application/json");
        if (method != "GET") request.setContentLength(static_cast<std::streamsize>(body.size()));
        session->sendRequest(request) << body << std::flush;
        Poco::Net::HTTPResponse response;
        ControlAnswer answer;
        Poco::StreamCopier::copyToString(session->receiveResponse(response), answer.text);
        answer.status = response.getStatus();
        boost::json::error_code notJson;
        answer.json = boost::json::parse(answer.text, notJson);
        if (notJson) answer.json = nullptr;
        return answer;
    } catch (const Poco::TimeoutException&) {
        throw ServerTimedOut("The server at " + server_.text() + " did not answer within " +
                             std::to_string(patience_.count()) + " ms. What it was asked for may still be going on.");
    } catch (const Poco::Exception& error) {
        throw ServerUnreachable("No server answers at " + server_.text() + " (" + error.displayText() + "). " +
                                adviceFor(server_));
    }
}

}  // namespace playhouse::host
