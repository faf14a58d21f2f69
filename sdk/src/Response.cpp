#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace playhouse {

Response Response::json(boost::json::value data, int status) {
    boost::json::object envelope;
    envelope["success"] = true;
    envelope["data"] = std::move(data);
    envelope["timestamp"] = isoTime(std::chrono::system_clock::now());
    return Response(status)
        .withHeader("Content-Type", "application/json")
        .withBody(SharedBuffer(asUtf8(boost::json::serialize(envelope))));
}

Response Response::text(std::string text, std::string_view contentType) {
    return bytes(SharedBuffer(std::move(text)), contentType);
}

Response Response::bytes(SharedBuffer bytes, std::string_view contentType) {
    return Response(200).withHeader("Content-Type", contentType).withBody(std::move(bytes));
}

Response Response::stream(std::unique_ptr<BodySource> source, std::string_view contentType) {
    return Response(200).withHeader("Content-Type", contentType).withBody(Body(std::move(source)));
}

Response Response::file(SharedFile file, std::string_view contentType) {
    const auto size = file.size();
    const auto modified = file.lastModified();
    const auto fingerprint = file.fingerprint();
    return Response(200)
        .withHeader("Content-Type", contentType)
        .withETag(fingerprint)
        .withLastModified(modified)
        .withBody(FileRange{std::move(file), 0, size});
}

Response Response::redirect(std::string_view location, int status) {
    return Response(status).withHeader("Location", location);
}

Response&& Response::withBody(Body body) && {
    body_ = std::move(body);
    return std::move(*this);
}

Response&& Response::withHeader(std::string_view name, std::string_view value) && {
    headers_.add(name, value);
    return std::move(*this);
}

Response&& Response::withETag(std::string_view opaque) && {
    std::string quoted = "\"";
    quoted.append(opaque).append("\"");
    headers_.add("ETag", quoted);
    return std::move(*this);
}

Response&& Response::withLastModified(std::chrono::system_clock::time_point time) && {
    headers_.add("Last-Modified", httpDate(time));
    return std::move(*this);
}

Response&& Response::withCacheControl(std::string_view directives) && {
    headers_.add("Cache-Control", directives);
    return std::move(*this);
}

Response& Response::paceTo(std::uint64_t bytesPerSecond) & {
    if (bytesPerSecond == 0) throw std::invalid_argument("a response cannot be paced to 0 bytes a second");
    pacing_ = bytesPerSecond;
    return *this;
}

Response&& Response::paceTo(std::uint64_t bytesPerSecond) && {
    paceTo(bytesPerSecond);
    return std::move(*this);
}

std::string httpDate(std::chrono::system_clock::time_point time) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                                   months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                                   parts.tm_hour, parts.tm_min, parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string isoTime(std::chrono::system_clock::time_point time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string result(text.data(), size);
    if (milliseconds != 0) {
        std::array<char, 8> fraction{};
        std::snprintf(fraction.data(), fraction.size(), ".%03d", static_cast<int>(milliseconds));
        result += fraction.data();
    }
    return result + "Z";
}

}  // namespace playhouse
