#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// Writes an XML document (W3C XML 1.0) element by element, indented, with everything that needs it escaped.
///
/// A chain reads as the document does: `xml.open("Role").with("value", "main").close()`.
class XmlWriter {
public:
    XmlWriter();

    /// Begins an element inside the one that is open.
    XmlWriter& open(std::string_view name);

    /// Gives the element just begun an attribute; before its content.
    XmlWriter& with(std::string_view attribute, std::string_view value);
    XmlWriter& with(std::string_view attribute, std::int64_t value);

    /// Text inside the element just begun, which then has nothing else.
    XmlWriter& text(std::string_view text);

    /// Ends the innermost element.
    XmlWriter& close();

    /// The document; every element has been closed.
    std::string finish() &&;

private:
    void endStartTag();
    void appendEscaped(std::string_view text);

    std::string document_;
    std::vector<std::string> open_;
    bool isInStartTag_ = false;
    bool hasText_ = false;
};

}  // namespace playhouse::streaming
