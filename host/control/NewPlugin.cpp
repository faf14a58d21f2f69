#include "NewPlugin.h"

#include "ControlCommands.h"

#include <boost/json/array.hpp>

#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace playhouse::host {
namespace {

namespace fs = std::filesystem;

bool isLetter(char character) {
    return std::isalpha(static_cast<unsigned char>(character)) != 0;
}
bool isLower(char character) {
    return std::islower(static_cast<unsigned char>(character)) != 0;
}
char upper(char character) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
}

/// "my-player" as "MyPlayer".
std::string pascalCase(const std::string& name) {
    std::string text;
    bool begins = true;
    for (const auto character : name) {
        if (character != '-') text += begins ? upper(character) : character;
        begins = character == '-';
    }
    return text;
}

std::string withUnderscores(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::string upperCase(const std::string& name) {
    auto text = withUnderscores(name);
    std::transform(text.begin(), text.end(), text.begin(), upper);
    return text;
}

/// What stands at `place` of `text`, when a word to replace does; empty when
/// not.
std::string replacementAt(std::string_view text, std::size_t place, const std::string& name) {
    constexpr std::size_t size = 7;
    const auto word = text.substr(place, size);
    const char before = place > 0 ? text[place - 1] : ' ';
    const char after = place + size < text.size() ? text[place + size] : ' ';
    if (isLetter(before)) return {};
    if (word == "example" && !isLetter(after)) {
        const bool inCode =
            text.substr(place + size).starts_with("::") || text.substr(0, place).ends_with("namespace ");
        return inCode ? withUnderscores(name) : name;
    }
    if (word == "Example" && !isLower(after)) return pascalCase(name);
    if (word == "EXAMPLE" && !isLetter(after)) return upperCase(name);
    return {};
}

std::string readFile(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error(file.string() + " cannot be read");
    return {std::istreambuf_iterator<char>(stream), {}};
}

void writeFile(const fs::path& file, const std::string& content) {
    fs::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream << content << std::flush;
    if (!stream) throw std::runtime_error(file.string() + " cannot be written");
}

/// What builds and editors leave is no part of the template.
bool isLeftOver(const fs::path& relative) {
    static const std::set<std::string> names{"build", ".git", ".cache", ".vscode", ".idea"};
    return std::any_of(relative.begin(), relative.end(),
                       [](const auto& part) { return names.contains(part.string()); });
}

std::vector<fs::path> copyTemplate(const fs::path& source, const std::string& name, const fs::path& target) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
        const auto relative = entry.path().lexically_relative(source);
        if (isLeftOver(relative) || !entry.is_regular_file()) continue;
        const fs::path renamed = fromTemplate(relative.string(), name);
        writeFile(target / renamed, fromTemplate(readFile(entry.path()), name));
        fs::permissions(target / renamed, entry.status().permissions());
        files.push_back(renamed);
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

std::string fromTemplate(std::string_view text, const std::string& name) {
    constexpr std::size_t size = 7;
    std::string made;
    for (std::size_t place = 0; place < text.size();) {
        const auto replacement = replacementAt(text, place, name);
        if (replacement.empty()) {
            made += text[place++];
        } else {
            made += replacement;
            place += size;
        }
    }
    return made;
}

fs::path findTemplate(const fs::path& programDirectory) {
    for (auto above = programDirectory; above != above.root_path(); above = above.parent_path())
        for (const auto* place : {"share/playhouse/template", "sdk/template"})
            if (std::error_code error; fs::exists(above / place / "CMakeLists.txt", error)) return above / place;
    throw std::runtime_error(
        "the SDK's template is neither at share/playhouse/template nor at "
        "sdk/template above " +
        programDirectory.string() + "; install Playhouse with its SDK");
}

void checkPluginName(const std::string& name) {
    constexpr std::size_t longest = 64;
    const bool isMadeOfTheRight =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos && !name.ends_with('-') &&
        name.find("--") == std::string::npos;
    if (name.empty() || name.size() > longest || !isLower(name.front()) || !isMadeOfTheRight)
        throw std::runtime_error("\"" + name +
                                 "\" cannot be a plugin's name: it is made of a-z, 0-9 and single \"-\" "
                                 "between them, "
                                 "begins with a letter, and is at most 64 characters long");
}

std::vector<fs::path> makePlugin(const fs::path& source, const std::string& name, const fs::path& target) {
    checkPluginName(name);
    if (fs::exists(fs::symlink_status(target)))
        throw std::runtime_error(target.string() + " is there already; choose another name or directory");
    // Under another name until it is whole.
    const auto unfinished = target.parent_path() / ("." + name + "." + std::to_string(::getpid()) + ".new");
    try {
        fs::create_directories(target.parent_path());
        auto files = copyTemplate(source, name, unfinished);
        fs::rename(unfinished, target);
        return files;
    } catch (const std::exception&) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
}

void runNew(const ControlSession& session) {
    const auto& name = session.call().operands.at(0);
    const fs::path directory = session.call().operand(1).value_or(".");
    const auto shown = (directory / name).lexically_normal();
    std::vector<fs::path> files;
    try {
        checkPluginName(name);
        const auto program = fs::read_symlink("/proc/self/exe").parent_path();
        files = makePlugin(findTemplate(program), name, fs::absolute(shown));
    } catch (const std::exception& problem) {
        throw ControlRefusal("NOT_MADE", problem.what());
    }
    boost::json::array names;
    auto text = "Made the plugin " + name + " in " + shown.string() + ":\n";
    for (const auto& file : files) {
        names.emplace_back(file.string());
        text += "  " + file.string() + "\n";
    }
    text += "Its README.md tells how to build and run it.\n";
    session.tell({{"id", name}, {"directory", fs::absolute(shown).string()}, {"files", std::move(names)}}, text);
}

}  // namespace playhouse::host
