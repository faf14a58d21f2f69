#pragma once

#include <map>
#include <string>
#include <vector>

/// How a program ended, and what it wrote.
struct Finished {
    /// 128 and the signal's number for one that a signal ended.
    int exitCode = 0;
    std::string output;
    std::string errors;
};

/// Runs a program of this build to its end; `program` is a name in bin/. The process is spawned and not forked: a fork
/// copies the page tables of a test with a hundred threads, and disturbs the latency that it measures.
Finished runProgram(const std::string& program, const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment = {});

std::string programPath(const std::string& name);

/// `environment` with nothing in it that configures Playhouse, except what it sets itself.
std::map<std::string, std::string> cleanEnvironment(std::map<std::string, std::string> environment);
