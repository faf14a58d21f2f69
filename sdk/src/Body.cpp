#include <playhouse/Body.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace playhouse {

BodySource::~BodySource() = default;

void BodySource::skip(std::uint64_t count) {
    std::vector<std::byte> forgotten(static_cast<std::size_t>(std::min<std::uint64_t>(count, 64 * 1024)));
    while (count > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, forgotten.size()));
        const auto got = read(std::span(forgotten).first(wanted));
        if (got == 0) throw std::runtime_error("a body source ended before the range that was asked for");
        count -= got;
    }
}

Body::Body(SharedBuffer buffer) {
    if (!buffer.empty()) parts_.emplace_back(std::move(buffer));
}

Body::Body(FileRange range) {
    if (range.size > 0) parts_.emplace_back(std::move(range));
}

Body::Body(std::vector<Part> parts) : parts_(std::move(parts)) {}

Body::Body(std::unique_ptr<BodySource> source) : source_(std::move(source)) {}

std::optional<std::uint64_t> Body::size() const {
    if (source_) return source_->size();
    std::uint64_t total = 0;
    for (const auto& part : parts_) total += sizeOf(part);
    return total;
}

Body Body::slice(std::uint64_t offset, std::uint64_t size) const {
    if (source_) throw std::logic_error("a body source has no slices");
    std::vector<Part> picked;
    for (const auto& part : parts_) {
        if (size == 0) break;
        const auto partSize = sizeOf(part);
        if (offset >= partSize) {
            offset -= partSize;
            continue;
        }
        const auto taken = std::min(size, partSize - offset);
        if (const auto* buffer = std::get_if<SharedBuffer>(&part)) {
            picked.emplace_back(buffer->slice(static_cast<std::size_t>(offset), static_cast<std::size_t>(taken)));
        } else {
            const auto& range = std::get<FileRange>(part);
            picked.emplace_back(FileRange{range.file, range.offset + offset, taken});
        }
        size -= taken;
        offset = 0;
    }
    if (size > 0) throw std::out_of_range("a slice beyond the end of a body");
    return Body(std::move(picked));
}

std::uint64_t sizeOf(const Body::Part& part) noexcept {
    if (const auto* buffer = std::get_if<SharedBuffer>(&part)) return buffer->size();
    return std::get_if<FileRange>(&part)->size;
}

}  // namespace playhouse
