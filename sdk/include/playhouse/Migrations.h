#pragma once

#include <cstddef>

namespace playhouse {

/// One change of a plugin's tables: a file `migrations/NNNN_what.sql` beside its CMakeLists.txt, which
/// playhouse_add_plugin() embeds into the library. The host runs those that the database has not seen, in the order of
/// their numbers, before start(); each once for all hosts, in a transaction, and never again.
///
/// A file whose name ends in `.sqlite.sql` or `.postgresql.sql` is for that database alone; one number has either one
/// file for both or one for each.
///
/// A line `-- compatible: no` at its beginning says that versions of the plugin without this migration cannot work on
/// what it leaves. The swap to a version with such a migration runs it while requests are held; one back over it is
/// refused.
struct EmbeddedMigration {
    const char* name;  ///< of the file
    const char* text;
    std::size_t size;
};

/// All of a library; `list` is null when it has none.
struct EmbeddedMigrations {
    const EmbeddedMigration* list;
    std::size_t count;
};

}  // namespace playhouse
