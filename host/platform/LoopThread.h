#pragma once

namespace playhouse::host {

/// Marks the calling thread, for as long as it lives, as a loop's, on which many connections depend: it waits for
/// nothing.
void markLoopThread() noexcept;

/// Whether the calling thread is a loop's.
bool isLoopThread() noexcept;

}  // namespace playhouse::host
