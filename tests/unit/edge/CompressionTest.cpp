#include "edge/Compression.h"

#include <cppunit/extensions/HelperMacros.h>
#include <zlib.h>

using namespace playhouse;
using namespace playhouse::host;

class CompressionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CompressionTest);
    CPPUNIT_TEST(gzipComesBackWhole);
    CPPUNIT_TEST(asksAreUnderstood);
    CPPUNIT_TEST(mediaIsNotCompressed);
    CPPUNIT_TEST(keptBodiesStayWithinTheirBound);
    CPPUNIT_TEST_SUITE_END();

    void gzipComesBackWhole() {
        std::string text;
        for (int line = 0; line < 1000; ++line) text += "line " + std::to_string(line) + "\n";
        const auto packed = gzip(text);
        CPPUNIT_ASSERT(packed.size() < text.size() / 3);
        std::string unpacked(text.size() + 1, '\0');
        z_stream stream{};
        inflateInit2(&stream, 15 + 16);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
        stream.avail_out = static_cast<uInt>(unpacked.size());
        CPPUNIT_ASSERT_EQUAL(Z_STREAM_END, inflate(&stream, Z_FINISH));
        unpacked.resize(stream.total_out);
        inflateEnd(&stream);
        CPPUNIT_ASSERT_EQUAL(text, unpacked);
    }

    void asksAreUnderstood() {
        const auto accepts = [](std::string_view value) {
            RequestParts parts;
            parts.headers.add("Accept-Encoding", value);
            return acceptsGzip(Request(std::move(parts)));
        };
        CPPUNIT_ASSERT(accepts("gzip") && accepts("br, GZIP;q=0.5") && accepts("*"));
        CPPUNIT_ASSERT(!accepts("br") && !accepts("gzip;q=0") && !accepts("gzip; q=0.00") && !accepts(""));
        CPPUNIT_ASSERT(!acceptsGzip(Request(RequestParts{})));
        // What is named does not fall under "*", wherever that stands.
        CPPUNIT_ASSERT(!accepts("*, gzip;q=0") && accepts("*;q=0, gzip") && !accepts("br, *;q=0"));
    }

    void mediaIsNotCompressed() {
        for (const auto* type : {"text/html; charset=utf-8", "application/json", "application/dash+xml",
                                 "application/vnd.apple.mpegurl", "text/vtt", "image/svg+xml"})
            CPPUNIT_ASSERT_MESSAGE(type, isCompressible(type));
        for (const auto* type : {"video/mp2t", "video/mp4", "image/jpeg", "text/event-stream", ""})
            CPPUNIT_ASSERT_MESSAGE(type, !isCompressible(type));
    }

    void keptBodiesStayWithinTheirBound() {
        CompressedBodies bodies(200);
        const auto first = bodies.of("a", std::string(1000, 'a'));
        CPPUNIT_ASSERT(bodies.of("a", "another text, not looked at").text() == first.text());
        for (int index = 0; index < 20; ++index) bodies.of(std::to_string(index), std::string(1000, 'b'));
        CPPUNIT_ASSERT(bodies.of("a", "looked at now").text() != first.text());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CompressionTest);
