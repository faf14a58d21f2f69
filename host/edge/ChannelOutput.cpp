#include "ChannelOutput.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostPieces = 64;
constexpr std::size_t mostKeptCapacity = 8;

}  // namespace

void ChannelOutput::add(SharedMessages messages) {
    // For a client that is always a little behind it is never empty, and what is out is to go all the same.
    if (next_ >= mostPieces && next_ >= pieces_.size() / 2) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(next_));
        next_ = 0;
    }
    bytes_ += messages->bytes.size();
    pieces_.push_back(std::move(messages));
}

Transport::Status ChannelOutput::send(Transport& transport, std::uint64_t& sent) {
    while (!empty()) {
        std::array<iovec, mostPieces> views;
        std::size_t count = 0;
        for (auto index = next_; index < pieces_.size() && count < views.size(); ++index) {
            const auto& bytes = pieces_[index]->bytes;
            const auto skipped = index == next_ ? sent_ : 0;
            views[count++] = {const_cast<char*>(bytes.data()) + skipped, bytes.size() - skipped};
        }
        const auto transfer = transport.send(std::span(views).first(count), next_ + count < pieces_.size());
        if (transfer.status != Transport::Status::Done) return transfer.status;
        sent += transfer.bytes;
        bytes_ -= transfer.bytes;
        auto left = transfer.bytes;
        while (left > 0) {
            const auto rest = pieces_[next_]->bytes.size() - sent_;
            if (left < rest) {
                sent_ += left;
                break;
            }
            left -= rest;
            sent_ = 0;
            pieces_[next_++].reset();
        }
    }
    clear();
    return transport.flush();
}

std::size_t ChannelOutput::dropWaiting() {
    std::size_t dropped = 0;
    const auto kept = next_ + (sent_ > 0 ? 1 : 0);
    while (pieces_.size() > kept) {
        dropped += pieces_.back()->count;
        bytes_ -= pieces_.back()->bytes.size();
        pieces_.pop_back();
    }
    return dropped;
}

void ChannelOutput::clear() {
    if (pieces_.capacity() > mostKeptCapacity)
        pieces_ = {};
    else
        pieces_.clear();
    next_ = sent_ = bytes_ = 0;
}

void appendChunk(std::string& out, std::string_view content) {
    std::array<char, 24> size{};
    out.append(size.data(),
               static_cast<std::size_t>(std::snprintf(size.data(), size.size(), "%zx\r\n", content.size())));
    out.append(content).append("\r\n");
}

void appendEvent(std::string& out, bool isText, std::string_view data) {
    std::string coded;
    if (!isText) {
        coded.resize((data.size() + 2) / 3 * 4 + 1);
        const auto size =
            EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                            reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size()));
        coded.resize(static_cast<std::size_t>(size));
        out += "event: binary\n";
        data = coded;
    }
    while (true) {
        const auto end = data.find_first_of("\r\n");
        out.append("data: ").append(data.substr(0, end)).append(1, '\n');
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    out += '\n';
}

}  // namespace playhouse::host
