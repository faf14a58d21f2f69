#include "SampleCounts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace playhouse::streaming {
namespace {

constexpr int deepestBox = 8;

constexpr std::array<std::string_view, 7> containers{"moov", "trak", "mdia", "minf", "stbl", "moof", "traf"};

class BoxWalk {
public:
    explicit BoxWalk(const SharedFile& file) : file_(file) {}

    void walk(std::uint64_t begin, std::uint64_t end, int depth) {
        while (end - begin >= 8) {
            std::array<unsigned char, 20> head{};
            const auto available = std::min<std::uint64_t>(head.size(), end - begin);
            file_.read(begin, head.data(), static_cast<std::size_t>(available));
            std::uint64_t headerSize = 8;
            std::uint64_t size = number(head, 0);
            if (size == 1) {
                headerSize = 16;
                size = std::uint64_t{number(head, 8)} << 32 | number(head, 12);
            } else if (size == 0) {
                size = end - begin;
            }
            const std::string_view type(reinterpret_cast<const char*>(head.data()) + 4, 4);
            // Also of a box that is larger than what it lies in, which libavformat reads nevertheless.
            if (headerSize == 8 && type == "stsz")
                count(number(head, 16));
            else if (headerSize == 8 && type == "trun")
                count(number(head, 12));
            if (size < headerSize || size > end - begin) return;  // libavformat says what is wrong
            if (std::ranges::find(containers, type) != containers.end() && depth < deepestBox)
                walk(begin + headerSize, begin + size, depth + 1);
            begin += size;
        }
    }

private:
    static std::uint32_t number(std::span<const unsigned char> bytes, std::size_t at) {
        return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
               bytes[at + 3];
    }

    void count(std::uint64_t samples) {
        samples_ += samples;
        if (samples_ > file_.size())
            throw std::runtime_error("its header claims " + std::to_string(samples_) + " samples in " +
                                     std::to_string(file_.size()) + " bytes");
    }

    const SharedFile& file_;
    std::uint64_t samples_ = 0;
};

}  // namespace

void refuseImpossibleCounts(const SharedFile& file) {
    BoxWalk(file).walk(0, file.size(), 0);
}

}  // namespace playhouse::streaming
