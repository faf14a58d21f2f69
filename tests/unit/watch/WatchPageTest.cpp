#include "WatchPage.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>

namespace playhouse::watch {

using namespace std::chrono_literals;

class WatchPageTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WatchPageTest);
    CPPUNIT_TEST(headNamesTheVideo);
    CPPUNIT_TEST(titleCannotBringInMarkup);
    CPPUNIT_TEST(videoIdIsEncodedInItsAddress);
    CPPUNIT_TEST(videoWithoutTitleIsNamedById);
    CPPUNIT_TEST(absoluteAddressesNeedAnOrigin);
    CPPUNIT_TEST(unknownVideoIs404WithThePage);
    CPPUNIT_TEST(onlyThisServersScriptsMayRun);
    CPPUNIT_TEST(pageIsRevalidatedAndItsTagFollowsItsHead);
    CPPUNIT_TEST(templateNeedsOneMark);
    CPPUNIT_TEST(originComesFromHostAndForwardedScheme);
    CPPUNIT_TEST(hostileHostGivesNoOrigin);
    CPPUNIT_TEST_SUITE_END();

    const WatchPage page_{"<head><!--playhouse:head--></head>", "abc"};

    static VideoCatalog::Video demo() {
        return {"demo", "Demo & more", "A test \"picture\"", 60s, 1920, 1080, "/stream/thumbnails/demo/poster.jpg"};
    }

    static std::string textOf(const Response& response) {
        return std::string(std::get<SharedBuffer>(response.body().parts().at(0)).text());
    }

    static std::string header(const Response& response, std::string_view name) {
        return std::string(response.headers().find(name).value_or("(absent)"));
    }

    static void assertContains(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE("no " + part + " in " + text, text.find(part) != std::string::npos);
    }

    void headNamesTheVideo() {
        const auto text = textOf(page_.forVideo(demo(), "https://example.org"));
        assertContains(text, "<title>Demo &amp; more · Playhouse</title>");
        assertContains(text, "<meta property=\"og:title\" content=\"Demo &amp; more\">");
        assertContains(text, "<meta property=\"og:description\" content=\"A test &quot;picture&quot;\">");
        assertContains(text, "<meta property=\"og:video:duration\" content=\"60\">");
        assertContains(text, "content=\"https://example.org/watch/demo\"");
        assertContains(text, "content=\"https://example.org/stream/thumbnails/demo/poster.jpg\"");
    }

    void titleCannotBringInMarkup() {
        auto video = demo();
        video.title = "</title><script>alert('1')</script>";
        video.description = "\"><img src=x onerror=alert(1)>";
        const auto text = textOf(page_.forVideo(video, std::nullopt));
        CPPUNIT_ASSERT(text.find("<script") == std::string::npos);
        CPPUNIT_ASSERT(text.find("<img") == std::string::npos);
    }

    void videoIdIsEncodedInItsAddress() {
        auto video = demo();
        video.id = "a b/ü\"";
        assertContains(textOf(page_.forVideo(video, "http://x")), "content=\"http://x/watch/a%20b%2F%C3%BC%22\"");
    }

    void videoWithoutTitleIsNamedById() {
        auto video = demo();
        video.title.clear();
        assertContains(textOf(page_.forVideo(video, std::nullopt)), "<title>demo · Playhouse</title>");
    }

    void absoluteAddressesNeedAnOrigin() {
        const auto text = textOf(page_.forVideo(demo(), std::nullopt));
        CPPUNIT_ASSERT(text.find("og:url") == std::string::npos);
        CPPUNIT_ASSERT(text.find("og:image") == std::string::npos);
    }

    void unknownVideoIs404WithThePage() {
        const auto response = page_.forUnknownVideo();
        CPPUNIT_ASSERT_EQUAL(404, response.status());
        assertContains(textOf(response), "<title>Playhouse</title>");
    }

    void onlyThisServersScriptsMayRun() {
        const auto response = page_.forNoVideo();
        const auto policy = header(response, "Content-Security-Policy");
        assertContains(policy, "default-src 'none'");
        assertContains(policy, "script-src 'self';");
        assertContains(policy, "media-src 'self' blob: data:");
        CPPUNIT_ASSERT(policy.find("unsafe") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("nosniff"), header(response, "X-Content-Type-Options"));
        CPPUNIT_ASSERT_EQUAL(std::string("same-origin"), header(response, "Referrer-Policy"));
    }

    void pageIsRevalidatedAndItsTagFollowsItsHead() {
        const auto first = page_.forVideo(demo(), std::nullopt);
        CPPUNIT_ASSERT_EQUAL(std::string("no-cache"), header(first, "Cache-Control"));
        CPPUNIT_ASSERT_EQUAL(header(first, "ETag"), header(page_.forVideo(demo(), std::nullopt), "ETag"));
        CPPUNIT_ASSERT(header(first, "ETag") != header(page_.forNoVideo(), "ETag"));
        const WatchPage changed("<body><!--playhouse:head--></body>", "def");
        CPPUNIT_ASSERT(header(first, "ETag") != header(changed.forVideo(demo(), std::nullopt), "ETag"));
    }

    void templateNeedsOneMark() {
        CPPUNIT_ASSERT_THROW(WatchPage("<head></head>", "x"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(WatchPage("<!--playhouse:head--><!--playhouse:head-->", "x"), std::invalid_argument);
    }

    static Request requestTo(std::string_view host, std::string_view scheme = {}) {
        RequestParts parts;
        if (!host.empty()) parts.headers.add("Host", host);
        if (!scheme.empty()) parts.headers.add("X-Forwarded-Proto", scheme);
        return Request(std::move(parts));
    }

    void originComesFromHostAndForwardedScheme() {
        CPPUNIT_ASSERT_EQUAL(std::string("http://localhost:8080"), originOf(requestTo("localhost:8080")).value());
        CPPUNIT_ASSERT_EQUAL(std::string("https://[::1]"), originOf(requestTo("[::1]", "https")).value());
        CPPUNIT_ASSERT_EQUAL(std::string("http://a"), originOf(requestTo("a", "javascript")).value());
    }

    void hostileHostGivesNoOrigin() {
        CPPUNIT_ASSERT(!originOf(requestTo("")));
        CPPUNIT_ASSERT(!originOf(requestTo("evil\"><script>")));
        CPPUNIT_ASSERT(!originOf(requestTo("a/b")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WatchPageTest);

}  // namespace playhouse::watch
