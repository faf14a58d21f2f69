#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Net/TCPServerParams.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace playhouse::tests {

/// Something that listens where Redis should, greets as Redis does, and answers everything else with one text.
class StubbornRedis {
public:
    /// @param ping  what it answers a PING; nothing comes after `answer`, though the connection stays open
    StubbornRedis(std::string ping, std::string answer)
        : server_(new Factory(std::move(ping), std::move(answer)), Poco::Net::ServerSocket(local()), parameters()) {
        server_.start();
    }

    ~StubbornRedis() { server_.stop(); }
    StubbornRedis(const StubbornRedis&) = delete;
    StubbornRedis& operator=(const StubbornRedis&) = delete;

    std::uint16_t port() const { return server_.port(); }

private:
    class Talk final : public Poco::Net::TCPServerConnection {
    public:
        Talk(const Poco::Net::StreamSocket& socket, std::string ping, std::string answer)
            : TCPServerConnection(socket), ping_(std::move(ping)), answer_(std::move(answer)) {}

        void run() override {
            try {
                std::array<char, 4096> asked{};
                while (true) {
                    const int count = socket().receiveBytes(asked.data(), static_cast<int>(asked.size()));
                    if (count <= 0) return;
                    const std::string_view text(asked.data(), static_cast<std::size_t>(count));
                    const auto& said = text.find("PING") != std::string_view::npos ? ping_ : answer_;
                    socket().sendBytes(said.data(), static_cast<int>(said.size()), MSG_NOSIGNAL);
                }
            } catch (const Poco::Exception&) {
                // The client has gone.
            }
        }

    private:
        std::string ping_;
        std::string answer_;
    };

    struct Factory final : Poco::Net::TCPServerConnectionFactory {
        Factory(std::string toPing, std::string toAll) : ping(std::move(toPing)), answer(std::move(toAll)) {}
        Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
            return new Talk(socket, ping, answer);
        }
        std::string ping;
        std::string answer;
    };

    static Poco::Net::SocketAddress local() { return {"127.0.0.1", 0}; }

    static Poco::Net::TCPServerParams::Ptr parameters() {
        Poco::Net::TCPServerParams::Ptr parameters = new Poco::Net::TCPServerParams;
        parameters->setMaxThreads(8);
        return parameters;
    }

    Poco::Net::TCPServer server_;
};

}  // namespace playhouse::tests
