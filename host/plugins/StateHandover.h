#pragma once

#include <functional>

namespace playhouse::host {

class Generation;
class ShutdownNotice;

/// Whether a swap from the one to the other moves state: both say that they keep some.
bool movesState(const Generation& from, const Generation& to) noexcept;

/// Holds new requests to `from`, which serves, waits for the running ones, and moves its state to `to`, which is
/// prepared; all within the `swap.hold-timeout` that `to` was planned with.
///
/// Returns with the gate of `from` held and nobody inside. Throws PluginError BUSY when its running work does not end
/// in time, STATE_REFUSED when one of the two fails or does not return, STOPPED once `shutdown` is given;
/// endHandover() was called then.
///
/// @param onHold  called once new requests are held
void handOverState(Generation& from, Generation& to, const ShutdownNotice& shutdown,
                   const std::function<void()>& onHold);

/// Lets requests in to `from` again, as `to` will not serve; unless they are held for its migrations too.
void endHandover(Generation& from, const Generation& to);

}  // namespace playhouse::host
