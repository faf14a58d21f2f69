#include <playhouse/testing/FakeState.h>

#include <utility>

namespace playhouse::testing {

FakeState::FakeState(std::uint32_t schema, std::string text) : schema_(schema), text_(std::move(text)) {}

void FakeState::write(std::span<const std::byte> bytes) {
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::span<const std::byte> FakeState::bytes() const {
    return std::as_bytes(std::span(text_.data(), text_.size()));
}

}  // namespace playhouse::testing
