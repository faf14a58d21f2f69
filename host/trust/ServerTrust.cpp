#include "ServerTrust.h"

#include <Poco/Exception.h>

#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr int longestChain = 9;

}  // namespace

Poco::Net::Context::Ptr serverTrust(const std::filesystem::path& authorities) {
    using Poco::Net::Context;
    try {
        Context::Ptr context(new Context(Context::TLS_CLIENT_USE, authorities.string(), Context::VERIFY_STRICT,
                                         longestChain, authorities.empty()));
        context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
        return context;
    } catch (const Poco::Exception& problem) {
        throw std::runtime_error((authorities.empty() ? "the authorities of this machine" : authorities.string()) +
                                 " cannot be used: " + problem.displayText());
    }
}

}  // namespace playhouse::host
