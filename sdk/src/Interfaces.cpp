// The destructors of the interfaces stand here, so that their type information exists once, in this library.

#include <playhouse/Database.h>
#include <playhouse/Plugin.h>
#include <playhouse/VideoCatalog.h>

namespace playhouse {

Bus::~Bus() = default;
Cache::~Cache() = default;
Channel::Link::~Link() = default;
Channels::~Channels() = default;
Clock::~Clock() = default;
Counter::~Counter() = default;
Database::~Database() = default;
Gauge::~Gauge() = default;
Histogram::~Histogram() = default;
Identities::~Identities() = default;
Logger::~Logger() = default;
Metrics::~Metrics() = default;
Plugin::~Plugin() = default;
PluginContext::~PluginContext() = default;
Services::~Services() = default;
SqlSession::~SqlSession() = default;
StateReader::~StateReader() = default;
StateWriter::~StateWriter() = default;
Storage::~Storage() = default;
Tasks::~Tasks() = default;
VideoCatalog::~VideoCatalog() = default;

}  // namespace playhouse
