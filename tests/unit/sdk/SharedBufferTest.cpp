#include <playhouse/SharedBuffer.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <unistd.h>

using playhouse::SharedBuffer;

namespace {

constexpr std::size_t large = 200'000;

SharedBuffer patterned(std::size_t size) {
    return SharedBuffer::filled(size, [](std::span<std::byte> into) {
        for (std::size_t index = 0; index < into.size(); ++index) into[index] = static_cast<std::byte>(index % 251);
    });
}

}  // namespace

class SharedBufferTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SharedBufferTest);
    CPPUNIT_TEST(holdsTheTextItWasGiven);
    CPPUNIT_TEST(isEmptyWithoutBytes);
    CPPUNIT_TEST(smallBuffersHaveNoDescriptor);
    CPPUNIT_TEST(largeBuffersCanBeReadThroughTheirDescriptor);
    CPPUNIT_TEST(slicesShareTheBytes);
    CPPUNIT_TEST(slicesOutliveTheirBuffer);
    CPPUNIT_TEST(slicesOfSlicesKeepTheirPlaceInTheFile);
    CPPUNIT_TEST(refusesASliceBeyondItsEnd);
    CPPUNIT_TEST(passesOnWhatFillingThrows);
    CPPUNIT_TEST_SUITE_END();

public:
    void holdsTheTextItWasGiven() {
        const SharedBuffer buffer(std::string("#EXTM3U"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, buffer.size());
        CPPUNIT_ASSERT(buffer.text() == "#EXTM3U");
    }

    void isEmptyWithoutBytes() {
        bool called = false;
        const auto filled = SharedBuffer::filled(0, [&](auto) { called = true; });
        CPPUNIT_ASSERT(filled.empty() && SharedBuffer().empty() && SharedBuffer(std::string()).empty());
        CPPUNIT_ASSERT(!called);
        CPPUNIT_ASSERT_EQUAL(-1, filled.descriptor());
        CPPUNIT_ASSERT(filled.slice(0, 0).empty());
    }

    void smallBuffersHaveNoDescriptor() {
        CPPUNIT_ASSERT_EQUAL(-1, patterned(64 * 1024 - 1).descriptor());
        CPPUNIT_ASSERT(patterned(64 * 1024).descriptor() >= 0);
    }

    void largeBuffersCanBeReadThroughTheirDescriptor() {
        const auto buffer = patterned(large);
        CPPUNIT_ASSERT_EQUAL(large, buffer.size());
        std::string read(large, '\0');
        const auto count =
            ::pread(buffer.descriptor(), read.data(), read.size(), static_cast<off_t>(buffer.descriptorOffset()));
        CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(large), count);
        CPPUNIT_ASSERT(buffer.text() == read);
    }

    void slicesShareTheBytes() {
        const auto buffer = patterned(large);
        const auto slice = buffer.slice(1000, 50);
        CPPUNIT_ASSERT(slice.bytes().data() == buffer.bytes().data() + 1000);
        CPPUNIT_ASSERT_EQUAL(std::size_t{50}, slice.size());
    }

    void slicesOutliveTheirBuffer() {
        SharedBuffer slice;
        {
            const auto buffer = patterned(large);
            slice = buffer.slice(251, 3);
        }
        CPPUNIT_ASSERT(slice.text() == std::string_view("\0\1\2", 3));
    }

    void slicesOfSlicesKeepTheirPlaceInTheFile() {
        const auto slice = patterned(large).slice(1000, 10'000).slice(500, 100);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1500}, slice.descriptorOffset());
        CPPUNIT_ASSERT(slice.bytes().front() == static_cast<std::byte>(1500 % 251));
    }

    void refusesASliceBeyondItsEnd() {
        const auto buffer = patterned(100);
        CPPUNIT_ASSERT(buffer.slice(100, 0).empty());
        CPPUNIT_ASSERT_THROW(buffer.slice(101, 0), std::out_of_range);
        CPPUNIT_ASSERT_THROW(buffer.slice(99, 2), std::out_of_range);
        CPPUNIT_ASSERT_THROW(buffer.slice(1, std::string::npos), std::out_of_range);
    }

    void passesOnWhatFillingThrows() {
        const auto fail = [](std::span<std::byte>) { throw std::runtime_error("the file is short"); };
        CPPUNIT_ASSERT_THROW(SharedBuffer::filled(10, fail), std::runtime_error);
        CPPUNIT_ASSERT_THROW(SharedBuffer::filled(large, fail), std::runtime_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SharedBufferTest);
