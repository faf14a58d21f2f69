#include <playhouse/testing/FakeMetrics.h>

#include <stdexcept>

namespace playhouse::testing {

struct FakeMetrics::Figure {
    virtual ~Figure() = default;
    virtual double value() const { return 0; }
    virtual std::vector<double> observations() const { return {}; }
    mutable std::mutex mutex;
};

namespace {

constexpr bool isNameCharacter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_' || letter == ':';
}

void checkName(const std::string& name) {
    bool good = !name.empty() && (name.front() < '0' || name.front() > '9');
    for (const char letter : name) good = good && isNameCharacter(letter);
    if (!good) throw std::invalid_argument("\"" + name + "\" is no name of a Prometheus metric");
}

template <class Figure>
class FakeCounter final : public Figure, public Counter {
public:
    void add(double amount) override {
        if (amount < 0) throw std::invalid_argument("a counter cannot fall");
        const std::scoped_lock lock(this->mutex);
        value_ += amount;
    }
    double value() const override {
        const std::scoped_lock lock(this->mutex);
        return value_;
    }

private:
    double value_ = 0;
};

template <class Figure>
class FakeGauge final : public Figure, public Gauge {
public:
    void set(double value) override {
        const std::scoped_lock lock(this->mutex);
        value_ = value;
    }
    void add(double amount) override {
        const std::scoped_lock lock(this->mutex);
        value_ += amount;
    }
    double value() const override {
        const std::scoped_lock lock(this->mutex);
        return value_;
    }

private:
    double value_ = 0;
};

template <class Figure>
class FakeHistogram final : public Figure, public Histogram {
public:
    void observe(double value) override {
        const std::scoped_lock lock(this->mutex);
        observations_.push_back(value);
    }
    std::vector<double> observations() const override {
        const std::scoped_lock lock(this->mutex);
        return observations_;
    }

private:
    std::vector<double> observations_;
};

}  // namespace

FakeMetrics::FakeMetrics() = default;
FakeMetrics::~FakeMetrics() = default;

template <class Kind>
Kind& FakeMetrics::figure(const std::string& name, const Labels& labels) {
    checkName(name);
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, figure] : figures_)
        if (key.first == name && dynamic_cast<Kind*>(figure.get()) == nullptr)
            throw std::invalid_argument(name + " stands for another kind of metric already");
    auto& figure = figures_[{name, labels}];
    if (!figure) figure = std::make_unique<Kind>();
    return dynamic_cast<Kind&>(*figure);
}

Counter& FakeMetrics::counter(const std::string& name, const std::string&, const Labels& labels) {
    return figure<FakeCounter<Figure>>(name, labels);
}

Gauge& FakeMetrics::gauge(const std::string& name, const std::string&, const Labels& labels) {
    return figure<FakeGauge<Figure>>(name, labels);
}

Histogram& FakeMetrics::histogram(const std::string& name, const std::string&, const std::vector<double>& bounds,
                                  const Labels& labels) {
    for (std::size_t index = 1; index < bounds.size(); ++index)
        if (!(bounds[index - 1] < bounds[index])) throw std::invalid_argument(name + ": the bounds must ascend");
    return figure<FakeHistogram<Figure>>(name, labels);
}

const FakeMetrics::Figure* FakeMetrics::find(const std::string& name, const Labels& labels) const {
    const std::scoped_lock lock(mutex_);
    const auto found = figures_.find({name, labels});
    return found == figures_.end() ? nullptr : found->second.get();
}

double FakeMetrics::value(const std::string& name, const Labels& labels) const {
    const auto* figure = find(name, labels);
    return figure != nullptr ? figure->value() : 0;
}

std::vector<double> FakeMetrics::observations(const std::string& name, const Labels& labels) const {
    const auto* figure = find(name, labels);
    return figure != nullptr ? figure->observations() : std::vector<double>();
}

}  // namespace playhouse::testing
