#pragma once

namespace playhouse::host {

/// Waits before what conflicted with other work is tried again: longer each time, and never the same for two that are
/// in each other's way. Any thread.
///
/// @param attempt  how many have failed
void pauseAfterConflict(int attempt);

}  // namespace playhouse::host
