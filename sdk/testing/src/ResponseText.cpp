#include <playhouse/testing/ResponseText.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <array>
#include <span>
#include <stdexcept>

namespace playhouse::testing {
namespace {

std::string textOf(const Body::Part& part) {
    if (const auto* buffer = std::get_if<SharedBuffer>(&part)) return std::string(buffer->text());
    const auto& range = std::get<FileRange>(part);
    std::string text(static_cast<std::size_t>(range.size), '\0');
    range.file.read(range.offset, text.data(), text.size());
    return text;
}

std::string textOf(BodySource& source) {
    std::string text;
    std::array<std::byte, 16 * 1024> bytes{};
    while (const auto count = source.read(bytes)) text.append(reinterpret_cast<const char*>(bytes.data()), count);
    return text;
}

boost::json::object envelopeOf(const Response& response, bool success) {
    const auto text = bodyText(response);
    boost::system::error_code problem;
    const auto json = boost::json::parse(text, problem);
    const auto* envelope = problem ? nullptr : json.if_object();
    const auto* flag = envelope != nullptr ? envelope->if_contains("success") : nullptr;
    if (flag == nullptr || *flag != boost::json::value(success))
        throw std::runtime_error("status " + std::to_string(response.status()) + ", and no envelope of " +
                                 (success ? "success: " : "an error: ") + text);
    return *envelope;
}

}  // namespace

std::string bodyText(const Response& response) {
    if (auto* source = response.body().source()) return textOf(*source);
    std::string text;
    for (const auto& part : response.body().parts()) text += textOf(part);
    return text;
}

boost::json::value jsonData(const Response& response) {
    return envelopeOf(response, true).at("data");
}

std::string errorCode(const Response& response) {
    return boost::json::value_to<std::string>(envelopeOf(response, false).at("error").at("code"));
}

Response errorResponse(const ApiError& error) {
    const boost::json::object envelope{
        {"success", false},
        {"error", {{"code", error.code()}, {"message", error.what()}, {"details", error.details()}}},
        {"timestamp", isoTime(std::chrono::system_clock::now())}};
    auto response = Response(error.status())
                        .withHeader("Content-Type", "application/json")
                        .withBody(SharedBuffer(boost::json::serialize(envelope)));
    const auto* retryAfter = error.details().if_contains("retryAfterSeconds");
    if (!retryAfter || !retryAfter->is_int64()) return response;
    return std::move(response).withHeader("Retry-After", std::to_string(retryAfter->get_int64()));
}

}  // namespace playhouse::testing
