#include "edge/ByteRanges.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

/// RFC 9110 section 14.
class ByteRangesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ByteRangesTest);
    CPPUNIT_TEST(readsTheThreeForms);
    CPPUNIT_TEST(clipsAtTheEnd);
    CPPUNIT_TEST(joinsOverlappingAndAdjacentOnes);
    CPPUNIT_TEST(keepsTheOrderAskedFor);
    CPPUNIT_TEST(nothingThereIsUnsatisfiable);
    CPPUNIT_TEST(malformedOnesAreIgnored);
    CPPUNIT_TEST(tooManyAreIgnored);
    CPPUNIT_TEST_SUITE_END();

    using Ranges = std::vector<ByteRange>;
    using Kind = RangeSelection::Kind;

    static Ranges parts(std::string_view header, std::uint64_t size) {
        const auto selection = selectRanges(header, size);
        CPPUNIT_ASSERT_MESSAGE(std::string(header), selection.kind == Kind::Parts);
        return selection.ranges;
    }

    void readsTheThreeForms() {
        CPPUNIT_ASSERT((parts("bytes=2-4", 10) == Ranges{{2, 3}}));
        CPPUNIT_ASSERT((parts("bytes=7-", 10) == Ranges{{7, 3}}));
        CPPUNIT_ASSERT((parts("bytes=-3", 10) == Ranges{{7, 3}}));
        CPPUNIT_ASSERT((parts("Bytes = 0-0", 10) == Ranges{{0, 1}}));
    }

    void clipsAtTheEnd() {
        CPPUNIT_ASSERT((parts("bytes=8-99999999999999999999999", 10) == Ranges{{8, 2}}));
        CPPUNIT_ASSERT((parts("bytes=-99", 10) == Ranges{{0, 10}}));
    }

    void joinsOverlappingAndAdjacentOnes() {
        CPPUNIT_ASSERT((parts("bytes=0-4,3-6,7-8", 10) == Ranges{{0, 9}}));
        // The third closes the gap between the first two, and the last three swallow what is inside.
        CPPUNIT_ASSERT((parts("bytes=0-1,4-5,1-4", 10) == Ranges{{0, 6}}));
        CPPUNIT_ASSERT((parts("bytes=9-9,1-1,3-3,5-5,0-7", 10) == Ranges{{9, 1}, {0, 8}}));
    }

    void keepsTheOrderAskedFor() { CPPUNIT_ASSERT((parts("bytes=8-9, 0-1", 10) == Ranges{{8, 2}, {0, 2}})); }

    void nothingThereIsUnsatisfiable() {
        for (const auto* header : {"bytes=10-", "bytes=10-11,20-30", "bytes=-0"})
            CPPUNIT_ASSERT(selectRanges(header, 10).kind == Kind::Unsatisfiable);
        CPPUNIT_ASSERT(selectRanges("bytes=0-1", 0).kind == Kind::Unsatisfiable);
    }

    void malformedOnesAreIgnored() {
        for (const auto* header : {"", "bytes", "bytes=", "bytes=,", "bytes=a-b", "bytes=4-2", "bytes=1", "bytes=--1",
                                   "bytes=+1-2", "seconds=1-2", "bytes=1-2-3"})
            CPPUNIT_ASSERT_MESSAGE(header, selectRanges(header, 10).kind == Kind::Whole);
    }

    void tooManyAreIgnored() {
        std::string header = "bytes=0-0";
        for (int index = 1; index < 40; ++index)
            header += "," + std::to_string(index * 2) + "-" + std::to_string(index * 2);
        CPPUNIT_ASSERT(selectRanges(header, 1000).kind == Kind::Whole);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ByteRangesTest);
