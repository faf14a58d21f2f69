#include "ProxyProtocol.h"

#include "Peer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace playhouse::host {
namespace {

constexpr std::string_view textBegin = "PROXY ";
constexpr std::size_t longestText = 107;  // with CRLF, section 2.1

// Section 2.2: signature, version and command, family and protocol, size of what follows.
constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixedSize = 16;
constexpr std::size_t addressesOfIpv4 = 12;
constexpr std::size_t addressesOfIpv6 = 36;
constexpr std::size_t longestBinary = 4096;  // addresses, and what proxies add about TLS and themselves

std::uint8_t byteAt(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

std::size_t sizeOfRest(std::string_view header) {
    return static_cast<std::size_t>(byteAt(header, 14) << 8 | byteAt(header, 15));
}

bool isPort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size();
}

std::optional<std::string> addressIn(int family, std::string_view text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
    return textOf(boost::asio::ip::make_address(text));
}

}  // namespace

ProxyHeader::Progress ProxyHeader::feed(std::string_view input, std::size_t& consumed) {
    if (input.empty()) return Progress::NeedMore;
    const char first = header_.empty() ? input.front() : header_.front();
    if (first == textBegin.front()) return feedText(input, consumed);
    if (first == signature.front()) return feedBinary(input, consumed);
    return Progress::Malformed;
}

ProxyHeader::Progress ProxyHeader::feedText(std::string_view input, std::size_t& consumed) {
    const auto feed = input.find('\n');
    const auto part = input.substr(0, feed == std::string_view::npos ? feed : feed + 1);
    if (header_.size() + part.size() > longestText) return Progress::Malformed;
    header_ += part;
    consumed += part.size();
    const auto begin = std::min(header_.size(), textBegin.size());
    if (header_.compare(0, begin, textBegin.substr(0, begin)) != 0) return Progress::Malformed;
    if (feed == std::string_view::npos) return Progress::NeedMore;
    return header_.ends_with("\r\n") && readText(std::string_view(header_).substr(0, header_.size() - 2))
               ? Progress::Complete
               : Progress::Malformed;
}

/// "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443": one space between, source before destination.
bool ProxyHeader::readText(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto end = line.find(' ');
        words.push_back(line.substr(0, end));
        if (end == std::string_view::npos) break;
        line.remove_prefix(end + 1);
    }
    // What follows it says nothing.
    if (words[1] == "UNKNOWN") return true;
    if (words.size() != 6 || !isPort(words[4]) || !isPort(words[5])) return false;
    if (words[1] != "TCP4" && words[1] != "TCP6") return false;
    const int family = words[1] == "TCP4" ? AF_INET : AF_INET6;
    clientAddress_ = addressIn(family, words[2]);
    return clientAddress_ && addressIn(family, words[3]);
}

ProxyHeader::Progress ProxyHeader::feedBinary(std::string_view input, std::size_t& consumed) {
    const auto take = [&](std::size_t until, bool keep) {
        if (taken_ >= until) return;
        const auto part = input.substr(0, until - taken_);
        if (keep) header_ += part;
        taken_ += part.size();
        consumed += part.size();
        input.remove_prefix(part.size());
    };
    take(fixedSize, true);
    const auto known = std::min(taken_, signature.size());
    if (header_.compare(0, known, signature.substr(0, known)) != 0) return Progress::Malformed;
    if (taken_ < fixedSize) return Progress::NeedMore;
    const auto whole = fixedSize + sizeOfRest(header_);
    if (whole > longestBinary) return Progress::Malformed;
    take(std::min(whole, fixedSize + addressesOfIpv6), true);
    take(whole, false);
    if (taken_ < whole) return Progress::NeedMore;
    return readBinary() ? Progress::Complete : Progress::Malformed;
}

bool ProxyHeader::readBinary() {
    constexpr int version = 0x2;
    constexpr int commandLocal = 0x0;
    constexpr int commandProxy = 0x1;
    constexpr int unspecified = 0x00;
    constexpr int tcpOverIpv4 = 0x11;
    constexpr int tcpOverIpv6 = 0x21;
    constexpr int unixStream = 0x31;
    const int versionAndCommand = byteAt(header_, 12);
    if (versionAndCommand >> 4 != version) return false;
    if ((versionAndCommand & 0xf) == commandLocal) return true;
    if ((versionAndCommand & 0xf) != commandProxy) return false;
    const auto size = sizeOfRest(header_);
    switch (byteAt(header_, 13)) {
        case unspecified:
        case unixStream:
            return true;
        case tcpOverIpv4:
            return size >= addressesOfIpv4 && readAddresses(AF_INET, sizeof(in_addr));
        case tcpOverIpv6:
            return size >= addressesOfIpv6 && readAddresses(AF_INET6, sizeof(in6_addr));
        default:
            return false;
    }
}

bool ProxyHeader::readAddresses(int family, std::size_t size) {
    const auto source = header_.substr(fixedSize, size);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (!inet_ntop(family, source.data(), text.data(), text.size())) return false;
    clientAddress_ = addressIn(family, text.data());
    return clientAddress_.has_value();
}

}  // namespace playhouse::host
