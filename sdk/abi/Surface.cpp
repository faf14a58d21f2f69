// Compiled only to describe the SDK's binary surface: names what host and plugins share and no function of the library
// takes.

#include <playhouse/Plugin.h>
#include <playhouse/VideoCatalog.h>

namespace playhouse::abi {

void describe(const PluginDescriptor&, const ServiceUse<VideoCatalog>&, const Plugin&, const VideoCatalog&) {}

}  // namespace playhouse::abi
