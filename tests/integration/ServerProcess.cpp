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
#include <utility>

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

std::string HttpAnswer::outcome() const {
    auto text = std::to_string(status);
    if (status >= 400) text += " " + std::string(json().at("error").at("code").as_string());
    return text;
}

ServerProcess::ServerProcess(const std::string& configuration, Backends backends) : backends_(std::move(backends)) {
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
    if (logReader_.joinable()) logReader_.join();
    logPipe_ = Poco::Pipe();
    logEnded_ = false;
    log_.clear();
    Poco::Pipe output;
    process_ = std::make_unique<Poco::ProcessHandle>(Poco::Process::launch(
        programPath("playhouse"), {"--config", configurationFile().string()}, "/", nullptr, &output, &logPipe_,
        cleanEnvironment({{"DATABASE_URL", backends_.databaseUrl}, {"REDIS_URL", backends_.redisUrl}})));
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

void ServerProcess::kill() {
    signal(SIGKILL);
    waitForEnd();
}

HttpAnswer ServerProcess::get(const std::string& path) const {
    return ask("GET", path, {});
}

HttpAnswer ServerProcess::post(const std::string& path, const std::string& body) const {
    return ask("POST", path, body);
}

HttpAnswer ServerProcess::ask(const std::string& method, const std::string& path, const std::string& body,
                              const std::map<std::string, std::string>& headers) const {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    session.setTimeout(Poco::Timespan(patience.count(), 0));
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    if (method != "GET") request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    for (const auto& [name, value] : headers) request.set(name, value);
    session.sendRequest(request) << body;
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
