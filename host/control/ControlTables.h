#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// Lines with their columns under each other; the first is the headline. Cells
/// stay on one line and control no terminal.
std::string table(const std::vector<std::vector<std::string>>& given);

/// The `data` of GET /plugins, for people.
std::string pluginsTable(const boost::json::object& data);

/// The `data` of GET /status, for people.
std::string statusTable(const boost::json::object& data);

/// The `data` of POST /plugins/{id}/swap, for people.
std::string swapSentence(const boost::json::object& data);

/// The `data` of POST /reload, for people.
std::string reloadSentence(const boost::json::object& data);

/// A member's value as text, empty when it is not there.
std::string textOf(const boost::json::object& object, std::string_view name);

}  // namespace playhouse::host
