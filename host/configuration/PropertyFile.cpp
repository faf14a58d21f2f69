#include "PropertyFile.h"

#include "ConfigurationError.h"

#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <system_error>

namespace playhouse::host {
namespace {

/// Poco's parser on one logical line, with what it made of it.
class ParsedLine : public Poco::Util::PropertyFileConfiguration {
public:
    explicit ParsedLine(const std::string& text) {
        std::istringstream stream(text);
        load(stream);
    }
    std::string key() const { return begin() == end() ? std::string() : begin()->first; }
    std::string value() const { return begin() == end() ? std::string() : begin()->second; }

protected:
    ~ParsedLine() override = default;
};

bool continues(std::string_view line) {
    const auto last = line.find_last_not_of('\\');
    const auto backslashes = line.size() - (last == std::string_view::npos ? 0 : last + 1);
    return backslashes % 2 == 1;
}

std::string place(const std::filesystem::path& path, std::size_t line) {
    return path.string() + ":" + std::to_string(line) + ": ";
}

void readIncluding(const std::filesystem::path& path, std::vector<std::filesystem::path>& open,
                   std::vector<PropertyFile>& files) {
    std::error_code unreadable;
    auto real = std::filesystem::weakly_canonical(path, unreadable);
    if (unreadable) real = std::filesystem::absolute(path);
    if (std::find(open.begin(), open.end(), real) != open.end())
        throw ConfigurationError(path.string() + ": includes itself, by way of " + open.back().string() +
                                 "; remove one of the \"include\" lines");
    open.push_back(real);
    auto file = PropertyFile::read(path);
    const auto include = std::find_if(file.properties.begin(), file.properties.end(),
                                      [](const Property& property) { return property.key == "include"; });
    if (include != file.properties.end()) {
        const auto included = path.parent_path() / include->value;
        if (std::error_code error; !std::filesystem::exists(included, error))
            throw ConfigurationError(place(path, include->line) + "include = " + include->value + ": there is no " +
                                     included.string());
        file.properties.erase(include);
        readIncluding(included, open, files);
    }
    open.pop_back();
    files.push_back(std::move(file));
}

/// A pipe would hold the start up until somebody writes to it, and could not be read again by a reload.
void checkReadable(const std::filesystem::path& path) {
    constexpr std::uintmax_t mostBytes = 1024 * 1024;
    const auto refuse = [&](const std::string& why) {
        throw ConfigurationError(path.string() + ": cannot be read: " + why);
    };
    std::error_code error;
    const auto type = std::filesystem::status(path, error).type();
    if (type == std::filesystem::file_type::directory) refuse(std::generic_category().message(EISDIR));
    if (type == std::filesystem::file_type::not_found || type == std::filesystem::file_type::none)
        refuse(error ? error.message() : std::generic_category().message(ENOENT));
    if (type != std::filesystem::file_type::regular)
        refuse("it is a pipe or a device; give a regular file, which a reload can read again");
    if (std::filesystem::file_size(path, error) > mostBytes)
        refuse("it is larger than " + std::to_string(mostBytes) + " bytes, which no configuration is");
}

}  // namespace

PropertyFile PropertyFile::read(const std::filesystem::path& path) {
    checkReadable(path);
    std::ifstream stream(path);
    if (!stream)
        throw ConfigurationError(path.string() + ": cannot be read: " + std::generic_category().message(errno));
    PropertyFile file{path, {}};
    std::vector<std::string> problems;
    std::map<std::string, std::size_t> lines;
    std::string text;
    constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";
    for (std::size_t number = 1; std::getline(stream, text); ++number) {
        if (number == 1 && text.starts_with(byteOrderMark)) text.erase(0, byteOrderMark.size());
        const auto first = text.find_first_not_of(" \t\r");
        if (first == std::string::npos || text[first] == '#' || text[first] == '!') continue;
        const auto line = number;
        while (!text.empty() && text.back() == '\r') text.pop_back();
        for (std::string next; continues(text) && std::getline(stream, next); ++number) {
            while (!next.empty() && next.back() == '\r') next.pop_back();
            text += "\n" + next;
        }
        const auto separator = text.find_first_of("=:");
        if (separator == std::string::npos || separator == first) {
            problems.push_back(place(path, line) + "\"" + text.substr(first) + "\" is not of the form \"key = value\"");
            continue;
        }
        const Poco::AutoPtr<ParsedLine> parsed(new ParsedLine(text + "\n"));
        const auto [seen, isNew] = lines.emplace(parsed->key(), line);
        if (isNew)
            file.properties.push_back({parsed->key(), parsed->value(), line});
        else
            problems.push_back(place(path, line) + parsed->key() + " stands on line " + std::to_string(seen->second) +
                               " already; keep one of the two");
    }
    if (!problems.empty()) throw ConfigurationError(std::move(problems));
    return file;
}

std::vector<PropertyFile> readWithIncludes(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> open;
    std::vector<PropertyFile> files;
    readIncluding(path, open, files);
    return files;
}

}  // namespace playhouse::host
