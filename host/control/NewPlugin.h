#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// A file or text of the SDK's template, made for the plugin `name`: the words
/// `example`, `Example` and `EXAMPLE` become `my-player`, `MyPlayer` and
/// `MY_PLAYER`. `example` is a word where no letter touches it; `Example` and
/// `EXAMPLE` may begin one, as in `ExamplePlugin`. Before "::" and behind
/// "namespace " it becomes `my_player`, which C++ allows.
std::string fromTemplate(std::string_view text, const std::string& name);

/// Where the template lies, for the program in `programDirectory`:
/// share/playhouse/template of the installation, or sdk/template of the source
/// tree, whichever is above. Throws std::runtime_error when there is none.
std::filesystem::path findTemplate(const std::filesystem::path& programDirectory);

/// Makes the plugin `name` from `source` in the directory `target`, which must
/// not be there yet; gives its files, relative to `target`. Throws
/// std::runtime_error, with nothing left behind.
std::vector<std::filesystem::path> makePlugin(const std::filesystem::path& source, const std::string& name,
                                              const std::filesystem::path& target);

/// Throws std::runtime_error unless `name` can be the id of a plugin and a name
/// in C++: a-z, 0-9 and "-", beginning with a letter, at most 64 characters.
void checkPluginName(const std::string& name);

}  // namespace playhouse::host
