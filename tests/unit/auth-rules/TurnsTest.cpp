#include "Turns.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <latch>
#include <vector>

namespace playhouse::auth {

class TurnsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TurnsTest);
    CPPUNIT_TEST(oneAtATimeHasAKey);
    CPPUNIT_TEST(otherKeysDoNotWait);
    CPPUNIT_TEST_SUITE_END();

    Turns turns_;

    void oneAtATimeHasAKey() {
        std::atomic<int> inside{0};
        std::atomic<int> together{0};
        std::vector<std::future<void>> threads;
        for (int thread = 0; thread < 8; ++thread)
            threads.push_back(std::async(std::launch::async, [&] {
                for (int time = 0; time < 500; ++time) {
                    const auto turn = turns_.take("ann");
                    if (++inside != 1) ++together;
                    --inside;
                }
            }));
        for (auto& thread : threads) thread.get();
        CPPUNIT_ASSERT_EQUAL(0, together.load());
    }

    void otherKeysDoNotWait() {
        std::latch both(2);
        const auto meet = [&](const char* key) {
            const auto turn = turns_.take(key);
            both.arrive_and_wait();
        };
        auto ann = std::async(std::launch::async, meet, "ann");
        meet("bob");
        ann.get();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TurnsTest);

}  // namespace playhouse::auth
