#include "HttpWork.h"

namespace playhouse::host {
namespace {

constexpr std::size_t mostIdle = 256;
constexpr std::size_t mostKeptBytes = 4096;

}  // namespace

std::unique_ptr<HttpWork> HttpWorkPool::take() {
    if (idle_.empty()) return std::make_unique<HttpWork>();
    auto work = std::move(idle_.back());
    idle_.pop_back();
    return work;
}

void HttpWorkPool::keep(std::unique_ptr<HttpWork> work) {
    if (idle_.size() >= mostIdle || work->largestRequest > mostKeptBytes || work->pending.capacity() > mostKeptBytes)
        return;
    idle_.push_back(std::move(work));
}

}  // namespace playhouse::host
