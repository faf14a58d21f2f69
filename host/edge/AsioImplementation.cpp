// The compiled part of Asio, once for the whole host.
#include <boost/asio/impl/src.hpp>
