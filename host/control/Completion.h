#pragma once

#include "ControlCommands.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace playhouse::host {

/// What a word of a command line that is being typed may become.
struct Completion {
    enum class Kind { Words, Files, Directories };
    Kind kind = Kind::Words;
    std::vector<std::string> words{};  ///< that begin with what is typed already

    bool operator==(const Completion&) const = default;
};

/// Completes words[index].
///
/// @param words      the whole line as bash takes it apart: the program's name
/// first, and "=" and ":" words of their own
/// @param pluginIds  asked when a plugin's id stands there, with the options
/// that name the server
Completion completionOf(const std::vector<std::string>& words, std::size_t index,
                        const std::function<std::vector<std::string>(const ControlCall& call)>& pluginIds);

/// Writes the completion of the words behind the index in `arguments` ("INDEX",
/// "playhousectl", ..): "words", "files" or "directories", and then a word a
/// line. Asks the server for plugins' ids, and does without when none answers.
void printCompletion(const std::vector<std::string>& arguments, const ControlPlace& place);

}  // namespace playhouse::host
