#include "AdminServer.h"

#include "ControlSocket.h"
#include "edge/ErrorAnswers.h"
#include "routing/RouteTable.h"

#include <Poco/Logger.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>

#include <array>
#include <istream>
#include <map>
#include <string>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostBody = 64 * 1024;
constexpr int mostThreads = 4;

std::optional<Method> parseMethod(const std::string& text) {
    for (const auto method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete})
        if (toString(method) == text) return method;
    return std::nullopt;
}

std::string readBody(std::istream& stream) {
    std::string body;
    std::array<char, 4096> piece{};
    while (stream.read(piece.data(), piece.size()) || stream.gcount() > 0) {
        body.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (body.size() > mostBody)
            throw ApiError(413, "PAYLOAD_TOO_LARGE", "The body is larger than " + std::to_string(mostBody) + " bytes.");
    }
    return body;
}

/// The routes, with a table over them.
class AdminTable {
public:
    explicit AdminTable(std::vector<Route> routes) : routes_(std::move(routes)) {
        RouteTable::Builder builder;
        for (const auto& route : routes_) {
            RouteEntry entry{.method = route.method,
                             .pattern = RoutePattern(route.pattern),
                             .options = route.options,
                             .pluginId = {},
                             .gate = gate_,
                             .route = &route};
            builder.add(std::move(entry));
        }
        table_ = std::move(builder).build();
    }

    Response answer(RequestParts parts) const {
        const auto match = table_->match(parts.method, parts.path, parts.pathParameters);
        if (match.entry == nullptr && match.allowedMethods.empty())
            throw ApiError::notFound("The admin API has no " + parts.path + ".");
        if (match.entry == nullptr) {
            std::string allowed;
            for (const auto method : match.allowedMethods)
                allowed += (allowed.empty() ? "" : ", ") + std::string(toString(method));
            return errorAnswer(405, "METHOD_NOT_ALLOWED", parts.path + " takes " + allowed + ".")
                .withHeader("Allow", allowed);
        }
        return std::get<Handler>(match.entry->route->handler)(Request(std::move(parts)));
    }

private:
    std::vector<Route> routes_;
    std::shared_ptr<LeaseGate> gate_ = LeaseGate::make();
    std::shared_ptr<const RouteTable> table_;
};

class AdminHandler final : public Poco::Net::HTTPRequestHandler {
public:
    explicit AdminHandler(const AdminTable& table) : table_(table) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
        send(answer(request), response);
    }

private:
    Response answer(Poco::Net::HTTPServerRequest& request) const {
        try {
            RequestParts parts;
            const auto method = parseMethod(request.getMethod());
            if (!method) throw ApiError(501, "NOT_IMPLEMENTED", "No such method: " + request.getMethod());
            parts.method = *method;
            parts.target = request.getURI();
            const auto path = percentDecoded(parts.target.substr(0, parts.target.find('?')));
            if (!path) throw ApiError::badRequest("The path is not percent-encoded rightly.");
            parts.path = *path;
            for (const auto& [name, value] : request) parts.headers.add(name, value);
            parts.body = readBody(request.stream());
            auto& socket = static_cast<Poco::Net::HTTPServerRequestImpl&>(request).socket();
            parts.clientAddress = peerName(socket.impl()->sockfd());
            return table_.answer(std::move(parts));
        } catch (const ApiError& error) {
            return errorAnswer(error);
        } catch (const std::exception& error) {
            Poco::Logger::get("control").error(request.getMethod() + " " + request.getURI() +
                                               " failed: " + error.what());
            return errorAnswer(500, "INTERNAL_ERROR", error.what());
        }
    }

    static void send(Response answer, Poco::Net::HTTPServerResponse& response) {
        response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status()),
                                    std::string(reasonPhrase(answer.status())));
        for (std::size_t index = 0; index < answer.headers().size(); ++index)
            response.add(std::string(answer.headers().at(index).name), std::string(answer.headers().at(index).value));
        std::string body;
        for (const auto& part : answer.body().parts()) body += std::get<SharedBuffer>(part).text();
        response.sendBuffer(body.data(), body.size());
    }

    const AdminTable& table_;
};

class AdminHandlerFactory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit AdminHandlerFactory(const AdminTable& table) : table_(table) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
        return new AdminHandler(table_);
    }

private:
    const AdminTable& table_;
};

Poco::Net::HTTPServerParams::Ptr parameters() {
    Poco::Net::HTTPServerParams::Ptr parameters(new Poco::Net::HTTPServerParams);
    parameters->setMaxThreads(mostThreads);
    parameters->setMaxQueued(16);
    parameters->setKeepAlive(false);
    return parameters;
}

}  // namespace

class AdminServer::Implementation {
public:
    Implementation(const std::filesystem::path& path, mode_t mode, std::vector<Route> routes)
        : table_(std::move(routes)),
          socket_(path, mode),
          threads_("control", 1, mostThreads),
          server_(new AdminHandlerFactory(table_), threads_, socket_.socket(), parameters()) {
        server_.start();
    }

    ~Implementation() {
        server_.stop();
        threads_.joinAll();
    }

private:
    AdminTable table_;
    ControlSocket socket_;
    Poco::ThreadPool threads_;
    Poco::Net::HTTPServer server_;
};

AdminServer::AdminServer(const std::filesystem::path& socket, mode_t mode, std::vector<Route> routes)
    : implementation_(std::make_unique<Implementation>(socket, mode, std::move(routes))) {}

AdminServer::~AdminServer() = default;

}  // namespace playhouse::host
