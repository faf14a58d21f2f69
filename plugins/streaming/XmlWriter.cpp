#include "XmlWriter.h"

namespace playhouse::streaming {

XmlWriter::XmlWriter() : document_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

XmlWriter& XmlWriter::open(std::string_view name) {
    endStartTag();
    document_.append(open_.size() * 2, ' ').append("<").append(name);
    open_.emplace_back(name);
    isInStartTag_ = true;
    hasText_ = false;
    return *this;
}

XmlWriter& XmlWriter::with(std::string_view attribute, std::string_view value) {
    document_.append(" ").append(attribute).append("=\"");
    appendEscaped(value);
    document_ += '"';
    return *this;
}

XmlWriter& XmlWriter::with(std::string_view attribute, std::int64_t value) {
    return with(attribute, std::string_view(std::to_string(value)));
}

XmlWriter& XmlWriter::text(std::string_view text) {
    document_ += '>';
    isInStartTag_ = false;
    hasText_ = true;
    appendEscaped(text);
    return *this;
}

XmlWriter& XmlWriter::close() {
    const auto name = std::move(open_.back());
    open_.pop_back();
    if (isInStartTag_) {
        document_ += "/>\n";
    } else {
        if (!hasText_) document_.append(open_.size() * 2, ' ');
        document_.append("</").append(name).append(">\n");
    }
    isInStartTag_ = false;
    hasText_ = false;
    return *this;
}

std::string XmlWriter::finish() && {
    return std::move(document_);
}

void XmlWriter::endStartTag() {
    if (isInStartTag_) document_ += ">\n";
    isInStartTag_ = false;
}

void XmlWriter::appendEscaped(std::string_view text) {
    for (const char letter : text) {
        switch (letter) {
            case '&':
                document_ += "&amp;";
                break;
            case '<':
                document_ += "&lt;";
                break;
            case '>':
                document_ += "&gt;";
                break;
            case '"':
                document_ += "&quot;";
                break;
            case '\n':
                document_ += "&#10;";
                break;
            case '\t':
                document_ += "&#9;";
                break;
            default:
                // XML has no place for other control characters, not even escaped.
                if (static_cast<unsigned char>(letter) >= 0x20) document_ += letter;
        }
    }
}

}  // namespace playhouse::streaming
