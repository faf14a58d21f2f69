#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse {

/// The header fields of a request or a response: ordered, repeatable, names compared without regard to case
/// (RFC 9110 section 5).
///
/// All text lies in one buffer, so that a message costs two allocations however many fields it has; clear() keeps
/// them for the next message. Views handed out are valid until the next change. Not safe for concurrent changes.
class Headers {
public:
    /// One field, as views into the headers it was taken from.
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    /// Appends a field; an earlier one of the same name stays.
    ///
    /// Throws std::invalid_argument when the name is not a token or the value holds a control character, so that
    /// nothing a client sent can split a response.
    void add(std::string_view name, std::string_view value);

    /// Replaces every field of this name by one. Throws as add() does.
    void set(std::string_view name, std::string_view value);

    /// Removes every field of this name.
    void remove(std::string_view name);

    /// The value of the first field of this name.
    std::optional<std::string_view> find(std::string_view name) const noexcept;

    bool contains(std::string_view name) const noexcept { return find(name).has_value(); }

    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }

    /// The field at `index`, in the order of appearance; `index` is below size().
    Field at(std::size_t index) const noexcept;

    /// Removes all fields and keeps the memory.
    void clear() noexcept;

private:
    struct Entry {
        std::uint32_t nameBegin;
        std::uint32_t nameSize;
        std::uint32_t valueSize;
    };

    std::string text_;
    std::vector<Entry> entries_;
};

/// Whether two ASCII texts are equal without regard to case.
bool equalsIgnoreCase(std::string_view left, std::string_view right) noexcept;

}  // namespace playhouse
