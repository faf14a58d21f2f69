#include "ServerProcess.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/PipeStream.h>
#include <Poco/StreamCopier.h>

#include <cppunit/TestAssert.h>
#include <boost/json/parse.hpp>

#include <sys/types.h>

#include <array>
#include <chrono>
#include <csignal>

namespace {

/// Of any step of a test; only a server that hangs takes as long.
constexpr std::chrono::seconds patience{60};

}  // namespace

void assertHolds(const std::string& text, const std::string& part) {
    CPPUNIT_ASSERT_MESSAGE("\"" + part + "\" not in: " + text, text.find(part) != std::string::npos);
}

boost::json::value HttpAnswer::json() const {
    return boost::json::parse(body);
}

ServerProcess::ServerProcess(const std::string& configuration) {
    std::filesystem::create_directories(directory_.path() / "plugins");
    configure(configuration);
}

ServerProcess::~ServerProcess() {
    if (process_) {
        signal(SIGKILL);
        process_->wait();
    }
    if (logReader_.joinable()) logReader_.join();
}

void ServerProcess::configure(const std::string& configuration) {
    const auto next = directory_.write("next", "server.port = 0\nserver.address = 127.0.0.1\nstorage.path = " +
                                                   (directory_.path() / "storage").string() +
                                                   "\nplugins.directory = " + (directory_.path() / "plugins").string() +
                                                   "\nconfiguration.watch-interval = 50 ms\n" + configuration);
    std::filesystem::rename(next, configurationFile());
}

void ServerProcess::start() {
    Poco::Pipe output;
    process_ = std::make_unique<Poco::ProcessHandle>(
        Poco::Process::launch(programPath("playhouse"), {"--config", configurationFile().string()}, "/", nullptr,
                              &output, &logPipe_, cleanEnvironment({})));
    logReader_ = std::thread([this] {
        std::array<char, 4096> piece{};
        while (true) {
            const int count = logPipe_.readBytes(piece.data(), piece.size());
            const std::lock_guard lock(mutex_);
            if (count <= 0) logEnded_ = true;
            if (count > 0) log_.append(piece.data(), static_cast<std::size_t>(count));
            grown_.notify_all();
            if (logEnded_) return;
        }
    });
    Poco::PipeInputStream stream(output);
    std::getline(stream, readyLine_);
    const auto colon = readyLine_.find(':', readyLine_.find("://") + 1);
    if (readyLine_.find("is ready: http://") == std::string::npos || colon == std::string::npos) {
        waitForLog("");
        const std::lock_guard lock(mutex_);
        CPPUNIT_FAIL("not ready: \"" + readyLine_ + "\"; its log: " + log_);
    }
    port_ = static_cast<std::uint16_t>(std::stoi(readyLine_.substr(colon + 1)));
}

void ServerProcess::signal(int number) {
    ::kill(process_->id(), number);
}

void ServerProcess::waitForLog(const std::string& text) {
    std::unique_lock lock(mutex_);
    const auto holds = [&] { return !text.empty() && log_.find(text) != std::string::npos; };
    grown_.wait_for(lock, patience, [&] { return logEnded_ || holds(); });
    if (!text.empty()) CPPUNIT_ASSERT_MESSAGE("\"" + text + "\" never came; the log: " + log_, holds());
}

std::string ServerProcess::log() {
    const std::lock_guard lock(mutex_);
    return log_;
}

int ServerProcess::waitForEnd() {
    const int code = process_->wait();
    process_.reset();
    return code;
}

HttpAnswer ServerProcess::get(const std::string& path) const {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    session.setTimeout(Poco::Timespan(patience.count(), 0));
    Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    HttpAnswer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
    answer.status = response.getStatus();
    for (const auto& [name, value] : response) answer.headers[name] = value;
    return answer;
}

std::vector<std::string> ServerProcess::control(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--socket", socket().string()});
    return arguments;
}
