#include "SampleRuns.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace playhouse::streaming {
namespace {

template <typename Visit>
void forEachRun(std::span<const Sample> samples, Visit visit) {
    for (std::size_t i = 0; i < samples.size();) {
        SampleRun run{samples[i].offset, samples[i].size};
        for (++i; i < samples.size() && samples[i].offset == run.offset + run.size; ++i) run.size += samples[i].size;
        visit(run);
    }
}

/// Gathers runs and the gaps between them into one call.
class GatheredRead {
public:
    explicit GatheredRead(const SharedFile& file) : file_(file) {}

    bool canAdd(const SampleRun& run) const noexcept {
        return count_ + 2 <= vectors_.size() && run.offset >= end_ && run.offset - end_ <= widestGap;
    }

    void add(const SampleRun& run, std::byte* into) noexcept {
        if (count_ == 0) begin_ = end_ = run.offset;
        if (run.offset > end_) vectors_[count_++] = {gap_.data(), static_cast<std::size_t>(run.offset - end_)};
        vectors_[count_++] = {into, static_cast<std::size_t>(run.size)};
        end_ = run.offset + run.size;
    }

    void read() {
        auto offset = begin_;
        for (std::size_t next = 0; next < count_;) {
            auto got = ::preadv(file_.descriptor(), &vectors_[next], static_cast<int>(count_ - next),
                                static_cast<off_t>(offset));
            if (got < 0) {
                if (errno == EINTR) continue;
                throw std::system_error(errno, std::generic_category(), "reading media");
            }
            if (got == 0) throw std::runtime_error("the media file became shorter while it was in use");
            offset += static_cast<std::uint64_t>(got);
            for (auto left = static_cast<std::size_t>(got); left > 0;) {
                auto& vector = vectors_[next];
                const auto used = std::min(left, vector.iov_len);
                vector.iov_base = static_cast<std::byte*>(vector.iov_base) + used;
                vector.iov_len -= used;
                left -= used;
                if (vector.iov_len == 0) ++next;
            }
        }
        count_ = 0;
    }

    bool empty() const noexcept { return count_ == 0; }

private:
    const SharedFile& file_;
    std::array<iovec, 128> vectors_;
    std::size_t count_ = 0;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
    std::array<std::byte, widestGap> gap_;
};

}  // namespace

std::vector<SampleRun> sampleRuns(std::span<const Sample> samples) {
    std::vector<SampleRun> runs;
    forEachRun(samples, [&runs](const SampleRun& run) { runs.push_back(run); });
    return runs;
}

std::size_t countSampleRuns(std::span<const Sample> samples) noexcept {
    std::size_t count = 0;
    forEachRun(samples, [&count](const SampleRun&) { ++count; });
    return count;
}

void readSamples(const SharedFile& file, std::span<const Sample> samples, std::span<std::byte> into) {
    GatheredRead gathered(file);
    auto* next = into.data();
    forEachRun(samples, [&](const SampleRun& run) {
        if (!gathered.empty() && !gathered.canAdd(run)) gathered.read();
        gathered.add(run, next);
        next += run.size;
    });
    if (!gathered.empty()) gathered.read();
}

}  // namespace playhouse::streaming
