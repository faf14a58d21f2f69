#pragma once

#include "TemporaryDirectory.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"

#include <cppunit/TestAssert.h>
#include <cppunit/TestFixture.h>

#include <string>

/// Sources of a configuration in an empty directory, with no file and no environment until a test gives them.
class LoaderFixture : public CppUnit::TestFixture {
public:
    void setUp() override {
        sources_ = {};
        sources_.workingDirectory = directory_.path();
        sources_.executableDirectory = directory_.path() / "bin";
    }

protected:
    /// Why the sources are refused; fails the test when they are not.
    std::string refusal() {
        try {
            loadConfiguration(sources_);
        } catch (const playhouse::host::ConfigurationError& error) {
            return error.what();
        }
        CPPUNIT_FAIL("accepted");
        return {};
    }

    TemporaryDirectory directory_;
    playhouse::host::ConfigurationSources sources_;
};
