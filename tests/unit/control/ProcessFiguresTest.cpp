#include "control/ProcessFigures.h"

#include "platform/MetricsRegistry.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

class ProcessFiguresTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProcessFiguresTest);
    CPPUNIT_TEST(tellsMemoryFilesAndBuild);
    CPPUNIT_TEST_SUITE_END();

public:
    void tellsMemoryFilesAndBuild() {
        MetricsRegistry registry;
        ProcessFigures figures(registry.registry());
        figures.refresh();
        figures.refresh();
        const auto text = registry.text();
        for (const auto* line :
             {"# TYPE process_cpu_seconds_total counter", "# TYPE process_resident_memory_bytes gauge",
              "\nprocess_open_fds ", "\nprocess_max_fds ", "\nprocess_start_time_seconds 1",
              "\nplayhouse_build_info{build=", "fingerprint=\"gcc"})
            CPPUNIT_ASSERT_MESSAGE(line + ("\n" + text), text.find(line) != std::string::npos);
        CPPUNIT_ASSERT(text.find("process_resident_memory_bytes 0\n") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcessFiguresTest);
