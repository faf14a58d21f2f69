#pragma once

#include "RequestFault.h"

#include <playhouse/Request.h>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Receives what Beast reads of one request, refuses what Beast lets pass, and writes the rest into the request. Used
/// by one thread.
class RequestMessage final : public boost::beast::http::basic_parser<true> {
public:
    /// `parts` and `fault` are written to, and outlive this.
    RequestMessage(const RequestLimits& limits, RequestParts& parts, RequestFault& fault);

    bool expectsContinue() const noexcept { return expectsContinue_; }
    bool isHttp10() const noexcept { return isHttp10_; }
    bool hasAuthorization() const noexcept { return hasAuthorization_; }

    /// Whether a chunk's header, or the last one with the trailer fields, comes next.
    bool isBetweenChunks() const { return chunked() && chunkLeft_ == 0 && !is_done(); }

    /// Whether the CRLF comes before it that ends a chunk's data.
    bool expectsDataEnd() const noexcept { return hadChunk_; }

private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;
    using Field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb verb, Text methodText, Text target, int version,
                         Error& error) override;
    void on_response_impl(int, Text, int, Error& error) override;
    void on_field_impl(Field name, Text nameText, Text valueText, Error& error) override;
    void on_header_impl(Error& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
    std::size_t on_body_impl(Text body, Error&) override;
    void on_chunk_header_impl(std::uint64_t size, Text, Error&) override {
        chunkLeft_ = size;
        hadChunk_ = true;
    }
    std::size_t on_chunk_body_impl(std::uint64_t left, Text body, Error&) override;
    void on_finish_impl(Error&) override {}

    void refuse(Error& error, int status, const char* code, std::string message);
    void refuse(Error& error, std::string message) { refuse(error, 400, "BAD_REQUEST", std::move(message)); }
    bool checkField(Field name, std::string_view value, Error& error);
    bool checkTransferCodings(std::string_view value, Error& error);
    void onTrailer(Field name, std::string_view nameText, Error& error);

    RequestLimits limits_;
    RequestParts& parts_;
    RequestFault& fault_;
    std::string authority_;  // of a target in absolute form
    std::uint64_t chunkLeft_ = 0;
    int hosts_ = 0;
    bool headIsDone_ = false;
    bool hadChunk_ = false;
    bool hasLength_ = false;
    bool hasTransferCoding_ = false;
    bool isHttp10_ = false;
    bool hasAuthorization_ = false;
    bool expectsContinue_ = false;
};

}  // namespace playhouse::host
