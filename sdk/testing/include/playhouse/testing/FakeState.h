#pragma once

#include <playhouse/State.h>

#include <string>

namespace playhouse::testing {

/// State on its way from one generation to the next: what saveState() writes, loadState() reads. Not safe from several
/// threads.
class FakeState final : public StateWriter, public StateReader {
public:
    /// @param schema  what the writer's stateSchema() said
    /// @param text    what was written already, to test how old or broken state is read
    explicit FakeState(std::uint32_t schema, std::string text = {});

    using StateReader::text;
    using StateWriter::write;
    void write(std::span<const std::byte> bytes) override;
    std::uint32_t schema() const override { return schema_; }
    std::span<const std::byte> bytes() const override;

private:
    std::uint32_t schema_;
    std::string text_;
};

}  // namespace playhouse::testing
