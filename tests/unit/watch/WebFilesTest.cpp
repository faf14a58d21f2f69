#include "WebFiles.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace playhouse::watch {

class WebFilesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebFilesTest);
    CPPUNIT_TEST(assetMayBeKeptForEver);
    CPPUNIT_TEST(assetOutlivesTheFiles);
    CPPUNIT_TEST(unknownAssetIsNotFoundAndSaysWhatToDo);
    CPPUNIT_TEST(pageIsNoAsset);
    CPPUNIT_TEST(builtPageNamesOnlyFilesThatAreEmbedded);
    CPPUNIT_TEST(builtFilesReferToNoOtherServer);
    CPPUNIT_TEST_SUITE_END();

    static std::vector<EmbeddedFile> sample() {
        return {{"index.html", "text/html; charset=utf-8", "aa", "<p>"},
                {"favicon.svg", "image/svg+xml", "bb", "<svg/>"},
                {"assets/main-XYZ.js", "text/javascript; charset=utf-8", "cc", "let x = 1;"}};
    }

    static std::string header(const Response& response, std::string_view name) {
        return std::string(response.headers().find(name).value_or("(absent)"));
    }

    static std::string textOf(const Response& response) {
        return std::string(std::get<SharedBuffer>(response.body().parts().at(0)).text());
    }

    void assetMayBeKeptForEver() {
        const auto response = WebFiles(sample()).asset("main-XYZ.js");
        CPPUNIT_ASSERT_EQUAL(200, response.status());
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=31536000, immutable"), header(response, "Cache-Control"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"cc\""), header(response, "ETag"));
        CPPUNIT_ASSERT_EQUAL(std::string("text/javascript; charset=utf-8"), header(response, "Content-Type"));
        CPPUNIT_ASSERT_EQUAL(std::string("nosniff"), header(response, "X-Content-Type-Options"));
    }

    void assetOutlivesTheFiles() {
        Response response;
        {
            const std::string content = "let y = 2;";
            response = WebFiles({{"assets/a.js", "text/javascript", "dd", content}}).asset("a.js");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("let y = 2;"), textOf(response));
    }

    void unknownAssetIsNotFoundAndSaysWhatToDo() {
        const WebFiles files(sample());
        try {
            files.asset("main-OLD.js");
            CPPUNIT_FAIL("an unknown file was served");
        } catch (const ApiError& error) {
            CPPUNIT_ASSERT_EQUAL(404, error.status());
            CPPUNIT_ASSERT(std::string(error.what()).find("Reload the page") != std::string::npos);
        }
    }

    void pageIsNoAsset() {
        const WebFiles files(sample());
        CPPUNIT_ASSERT_THROW(files.asset("../index.html"), ApiError);
        CPPUNIT_ASSERT_THROW(files.asset("index.html"), ApiError);
    }

    void builtPageNamesOnlyFilesThatAreEmbedded() {
        const auto built = embeddedFiles();
        const WebFiles files(built);
        const std::string page(files.pageTemplate());
        const std::string prefix = "/watch/assets/";
        int found = 0;
        for (auto at = page.find(prefix); at != std::string::npos; at = page.find(prefix, at + 1)) {
            const auto begin = at + prefix.size();
            const auto name = page.substr(begin, page.find('"', begin) - begin);
            CPPUNIT_ASSERT_EQUAL(200, files.asset(name).status());
            ++found;
        }
        CPPUNIT_ASSERT_EQUAL(3, found);
        CPPUNIT_ASSERT_EQUAL(std::string("image/svg+xml"), header(files.favicon(), "Content-Type"));
    }

    void builtFilesReferToNoOtherServer() {
        for (const auto& file : embeddedFiles()) {
            const bool ours = file.name == "index.html" || file.name.ends_with(".css");
            if (!ours) continue;
            for (const std::string_view reference : {"src=\"http", "href=\"http", "url(http", "url(\"http", "@import"})
                CPPUNIT_ASSERT_MESSAGE(std::string(file.name), file.content.find(reference) == std::string_view::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebFilesTest);

}  // namespace playhouse::watch
