#include <playhouse/Body.h>
#include <playhouse/testing/FakeStorage.h>
#include <playhouse/testing/ResponseText.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

using playhouse::Body;
using playhouse::FileRange;
using playhouse::Response;
using playhouse::SharedBuffer;
using playhouse::SharedFile;

namespace {

/// Gives a text in pieces of at most three bytes.
class TextSource final : public playhouse::BodySource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    std::optional<std::uint64_t> size() const override { return text_.size(); }
    std::size_t read(std::span<std::byte> into) override {
        const auto count = std::min({into.size(), text_.size() - at_, std::size_t{3}});
        std::memcpy(into.data(), text_.data() + at_, count);
        at_ += count;
        return count;
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

std::string textOf(Body body) {
    return playhouse::testing::bodyText(Response(200).withBody(std::move(body)));
}

}  // namespace

class BodyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BodyTest);
    CPPUNIT_TEST(addsUpItsParts);
    CPPUNIT_TEST(dropsEmptyParts);
    CPPUNIT_TEST(slicesAcrossMemoryAndFiles);
    CPPUNIT_TEST(refusesASliceBeyondItsEnd);
    CPPUNIT_TEST(hasNoSlicesOfASource);
    CPPUNIT_TEST(sourceSkipsByReading);
    CPPUNIT_TEST(sourceThatEndsBeforeTheRangeThrows);
    CPPUNIT_TEST(fileNamesThePathThatCannotBeOpened);
    CPPUNIT_TEST(fileRefusesADirectory);
    CPPUNIT_TEST(fileReadThrowsWhenTheFileHasShrunk);
    CPPUNIT_TEST(fileFingerprintChangesWithItsContent);
    CPPUNIT_TEST_SUITE_END();

    playhouse::testing::FakeStorage storage_{"body"};

    std::filesystem::path file(std::string_view content) {
        const auto path = storage_.ownDirectory() / "file";
        storage_.writeAtomically(path, content);
        return path;
    }

    Body mixed() {
        std::vector<Body::Part> parts;
        parts.emplace_back(SharedBuffer(std::string("init")));
        parts.emplace_back(FileRange{SharedFile(file("..moof..")), 2, 4});
        parts.emplace_back(SharedBuffer(std::string("mdat")));
        return Body(std::move(parts));
    }

public:
    void addsUpItsParts() {
        CPPUNIT_ASSERT(mixed().size() == std::uint64_t{12});
        CPPUNIT_ASSERT_EQUAL(std::string("initmoofmdat"), textOf(mixed()));
        CPPUNIT_ASSERT(Body().size() == std::uint64_t{0});
    }

    void dropsEmptyParts() {
        CPPUNIT_ASSERT(Body(SharedBuffer()).parts().empty());
        CPPUNIT_ASSERT(Body(FileRange{SharedFile(file("x")), 0, 0}).parts().empty());
    }

    void slicesAcrossMemoryAndFiles() {
        CPPUNIT_ASSERT_EQUAL(std::string("tmoofm"), textOf(mixed().slice(3, 6)));
        CPPUNIT_ASSERT_EQUAL(std::string("oo"), textOf(mixed().slice(5, 2)));
        CPPUNIT_ASSERT_EQUAL(std::string("at"), textOf(mixed().slice(10, 2)));
        CPPUNIT_ASSERT_EQUAL(std::string("initmoofmdat"), textOf(mixed().slice(0, 12)));
    }

    void refusesASliceBeyondItsEnd() { CPPUNIT_ASSERT_THROW(mixed().slice(8, 5), std::out_of_range); }

    void hasNoSlicesOfASource() {
        const Body body(std::make_unique<TextSource>("abc"));
        CPPUNIT_ASSERT(body.size() == std::uint64_t{3});
        CPPUNIT_ASSERT_THROW(body.slice(0, 1), std::logic_error);
    }

    void sourceSkipsByReading() {
        auto source = std::make_unique<TextSource>("0123456789");
        source->skip(7);
        CPPUNIT_ASSERT_EQUAL(std::string("789"), textOf(Body(std::move(source))));
    }

    void sourceThatEndsBeforeTheRangeThrows() {
        TextSource source("0123");
        CPPUNIT_ASSERT_THROW(source.skip(5), std::runtime_error);
    }

    void fileNamesThePathThatCannotBeOpened() {
        try {
            const SharedFile absent(storage_.root() / "absent.mp4");
            CPPUNIT_FAIL("an absent file was opened");
        } catch (const std::system_error& problem) {
            CPPUNIT_ASSERT(std::string(problem.what()).find("absent.mp4") != std::string::npos);
        }
    }

    void fileRefusesADirectory() { CPPUNIT_ASSERT_THROW(SharedFile(storage_.root()), std::system_error); }

    void fileReadThrowsWhenTheFileHasShrunk() {
        const auto path = file("0123456789");
        const SharedFile opened(path);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, opened.size());
        std::filesystem::resize_file(path, 4);
        std::string into(10, '\0');
        CPPUNIT_ASSERT_THROW(opened.read(0, into.data(), into.size()), std::runtime_error);
    }

    void fileFingerprintChangesWithItsContent() {
        const auto before = SharedFile(file("one")).fingerprint();
        CPPUNIT_ASSERT_EQUAL(before, SharedFile(storage_.ownDirectory() / "file").fingerprint());
        CPPUNIT_ASSERT(before != SharedFile(file("three")).fingerprint());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BodyTest);
