#pragma once

#include "HttpLoad.h"
#include "ServerProcess.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

/// What the tests of swaps under load have in common: a server that streams one short video, and a look at what it
/// holds.
namespace swap_scenario {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool isSanitized = true;
#else
constexpr bool isSanitized = false;
#endif

/// Configuration of `streaming`, from this build.
std::string streamingConfiguration();

/// Makes the video "load" in the server's storage, before it starts.
void makeVideo(const ServerProcess& server);

/// Pages of every kind that streaming serves of that video, as a server that runs answers them now.
std::vector<ExpectedPage> streamingPages(const ServerProcess& server);

/// Resident memory of a process.
long residentKiB(int pid);

/// The private copies of `plugin`'s library that a process has mapped.
std::set<std::string> mappedGenerations(int pid, const std::string& plugin);

}  // namespace swap_scenario
