#include "ControlClient.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include <boost/json/parse.hpp>

namespace playhouse::host {
namespace {

// Longer than any action: the deadlines of starting and draining a plugin are the server's.
const Poco::Timespan patience(15 * 60, 0);

}  // namespace

ControlAnswer ControlClient::send(const std::string& method, const std::string& path, const std::string& body) const {
    try {
        const Poco::Net::SocketAddress address(Poco::Net::SocketAddress::UNIX_LOCAL, socket_.string());
        Poco::Net::HTTPClientSession session{Poco::Net::StreamSocket(address)};
        session.setTimeout(patience);
        Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
        request.setHost("localhost");
        if (!body.empty()) request.setContentType("application/json");
        if (method != "GET") request.setContentLength(static_cast<std::streamsize>(body.size()));
        session.sendRequest(request) << body << std::flush;
        Poco::Net::HTTPResponse response;
        ControlAnswer answer;
        Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.text);
        answer.status = response.getStatus();
        boost::json::error_code notJson;
        answer.json = boost::json::parse(answer.text, notJson);
        if (notJson) answer.json = nullptr;
        return answer;
    } catch (const Poco::Exception& error) {
        throw ServerUnreachable("No server answers at " + socket_.string() + " (" + error.displayText() +
                                "). Is it running, with this control.socket, and may you use it? --socket PATH names "
                                "another.");
    }
}

}  // namespace playhouse::host
