#include "DatabaseErrors.h"

namespace playhouse::host {

ApiError databaseUnavailable() {
    return {503, "DATABASE_UNAVAILABLE", "The database cannot be reached at the moment. Try again soon."};
}

ApiError databaseOverloaded() {
    return {503, "DATABASE_UNAVAILABLE", "All connections to the database are in use. Try again soon."};
}

ApiError databaseBusy() {
    return {503, "DATABASE_BUSY", "The database is busy with other work on the same data. Try again soon."};
}

ApiError databaseFull() {
    return {507, "STORAGE_FULL", "The disk of the database is full; nothing was changed."};
}

ApiError databaseReadOnly() {
    return {503, "DATABASE_READ_ONLY", "The database can only be read at the moment; nothing was changed."};
}

}  // namespace playhouse::host
