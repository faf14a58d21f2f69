#include "ManagerFigures.h"

namespace playhouse::host {

ManagerFigures::ManagerFigures(prometheus::Registry& registry)
    : generations_(prometheus::BuildGauge()
                       .Name("playhouse_plugin_generations")
                       .Help("Generations of a plugin in memory: serving, draining (retired, with work still running) "
                             "or resident (could not be unloaded in time)")
                       .Register(registry)),
      swaps_(prometheus::BuildCounter()
                 .Name("playhouse_plugin_swaps_total")
                 .Help("Swaps of a plugin by outcome: \"published\", or the code of what failed")
                 .Register(registry)),
      rollbacks_(prometheus::BuildCounter()
                     .Name("playhouse_plugin_rollbacks_total")
                     .Help("Returns of a plugin to the version before, by cause: \"order\" of an operator, or by the "
                           "host itself for \"errors\" or \"health\" of a new version on probation")
                     .Register(registry)),
      seconds_(prometheus::BuildHistogram()
                   .Name("playhouse_plugin_swap_seconds")
                   .Help("Time from the order to swap a plugin until its new generation is published")
                   .Register(registry)) {}

void ManagerFigures::setGenerations(const std::string& plugin, const std::string& state, std::size_t count) {
    generations_.Add({{"plugin", plugin}, {"state", state}}).Set(static_cast<double>(count));
}

void ManagerFigures::addSwap(const std::string& plugin, std::chrono::microseconds took) {
    swaps_.Add({{"plugin", plugin}, {"outcome", "published"}}).Increment();
    static const prometheus::Histogram::BucketBoundaries bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                                0.5,   1,    2.5,   5,    10};
    seconds_.Add({{"plugin", plugin}}, bounds).Observe(std::chrono::duration<double>(took).count());
}

void ManagerFigures::addRollback(const std::string& plugin, const std::string& cause) {
    rollbacks_.Add({{"plugin", plugin}, {"cause", cause}}).Increment();
}

void ManagerFigures::addFailedSwap(const std::string& plugin, const std::string& code) {
    swaps_.Add({{"plugin", plugin}, {"outcome", code}}).Increment();
}

}  // namespace playhouse::host
