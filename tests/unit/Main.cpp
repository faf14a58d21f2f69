// Runs the CppUnit fixtures of one executable.
//
//   unit-sdk              all tests
//   unit-sdk TEXT         the tests whose name, such as "HeadersTest::keepsOrder", holds TEXT
//   unit-sdk --list       the names, without running anything
//
// PLAYHOUSE_TEST_FILTER is TEXT for several executables at once: one without such a test then counts as passed.
// The last line is "unit-sdk: N passed, N failed"; the exit code is 0 when nothing failed, 1 when a test did, and 2
// when TEXT names no test.

#include <cppunit/CompilerOutputter.h>
#include <cppunit/Test.h>
#include <cppunit/TestFailure.h>
#include <cppunit/TestListener.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// One line a test: its name, how it ended, and how long it took.
class Progress final : public CppUnit::TestListener {
public:
    void startTest(CppUnit::Test* test) override {
        failed_ = false;
        began_ = std::chrono::steady_clock::now();
        std::cout << test->getName() << " ... " << std::flush;
    }
    void addFailure(const CppUnit::TestFailure&) override { failed_ = true; }
    void endTest(CppUnit::Test*) override {
        if (failed_) ++failures_;
        const auto took = std::chrono::steady_clock::now() - began_;
        std::cout << (failed_ ? "FAILED" : "ok") << " ("
                  << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms)" << std::endl;
    }

    /// How many tests failed; one may report several failures.
    std::size_t failures() const { return failures_; }

private:
    std::size_t failures_ = 0;
    bool failed_ = false;
    std::chrono::steady_clock::time_point began_;
};

void collectCases(CppUnit::Test& test, std::string_view filter, std::vector<CppUnit::Test*>& cases) {
    if (test.getChildTestCount() > 0) {
        for (int index = 0; index < test.getChildTestCount(); ++index)
            collectCases(*test.getChildTestAt(index), filter, cases);
    } else if (test.countTestCases() > 0 && test.getName().find(filter) != std::string::npos) {
        cases.push_back(&test);
    }
}

}  // namespace

int main(int argumentCount, char** arguments) {
    const std::string name = std::filesystem::path(arguments[0]).filename().string();
    const std::string_view argument = argumentCount > 1 ? arguments[1] : "";
    const char* shared = std::getenv("PLAYHOUSE_TEST_FILTER");
    if (argumentCount > 2 || (argument.starts_with("-") && argument != "--list")) {
        std::cerr << "Usage: " << name << " [--list | part of a test's name]\n";
        return 2;
    }

    const std::unique_ptr<CppUnit::Test> root(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    const bool listing = argument == "--list";
    const std::string_view filter = !argument.empty() && !listing ? argument : shared != nullptr ? shared : "";
    std::vector<CppUnit::Test*> cases;
    collectCases(*root, filter, cases);
    if (listing) {
        for (const auto* test : cases) std::cout << test->getName() << "\n";
        return 0;
    }
    if (cases.empty() && (!argument.empty() || shared == nullptr)) {
        std::cerr << name << ": no test's name holds \"" << filter << "\"; --list shows them\n";
        return 2;
    }

    CppUnit::TestResult result;
    CppUnit::TestResultCollector collector;
    Progress progress;
    result.addListener(&progress);
    result.addListener(&collector);
    for (auto* test : cases) test->run(&result);

    const auto failed = progress.failures();
    if (failed > 0) {
        std::cout << "\n";
        CppUnit::CompilerOutputter(&collector, std::cout).write();
    }
    std::cout << name << ": " << cases.size() - failed << " passed, " << failed << " failed" << std::endl;
    return failed == 0 ? 0 : 1;
}
