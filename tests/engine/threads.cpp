// Eight threads that make their first grids at the same time, each in memory of its own, and an array
// of all, of which each has a part: for ThreadSanitizer.  Exit status 1 if bits differ.

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "environment.h"
#include "lanes.h"

namespace {

using namespace xspace;

constexpr int THREADS = 8;
constexpr i64 NUM = 5000, COUNT = 70, SAMPLES = 300;

using Memory = std::vector<char>;

void make(Function function, const Format &fmt, Memory &alone, Memory &together) {
    Environment standard;
    Number start = number_of(1.25), stop = number_of(6.5), base = number_of(2.5);
    std::vector<double> ends(COUNT, 1.25);
    std::vector<i64> places(NUM + COUNT * SAMPLES), refused(COUNT);
    Output out = {alone.data(), 1, fmt, places.data(), NUM, 0, false};
    Sums sums;
    Powers powers;
    if (function == LINSPACE && plan_linspace(start, stop, NUM, NUM - 1, sums)) fill_sums(sums, out);
    if (function == LOGSPACE && plan_logspace(start, stop, base, NUM, NUM - 1, powers))
        fill_powers(powers, out);
    if (function == GEOMSPACE && plan_geomspace(start, stop, NUM, NUM - 1, powers))
        fill_powers(powers, out);
    End array = {DOUBLE, 8, reinterpret_cast<const char *>(ends.data()), 8, start};
    End scalar = {SCALAR, 8, nullptr, 0, stop}, bases = {SCALAR, 8, nullptr, 0, base};
    Lanes lanes = {function, array, scalar, bases, SAMPLES, SAMPLES, COUNT};
    Left left = {places.data(), static_cast<i64>(places.size()), 0, refused.data(), 0, false, false};
    fill_lanes(lanes, together.data(), fmt, left);
}

std::vector<Memory> make_all() {
    std::vector<Memory> made;
    for (const Format &fmt : FORMATS)
        for (Function function : {LOGSPACE, GEOMSPACE, LINSPACE}) {
            size_t bytes = static_cast<size_t>(fmt.bytes);
            made.emplace_back(NUM * bytes);
            made.emplace_back(COUNT * SAMPLES * bytes);
            make(function, fmt, *(made.end() - 2), made.back());
        }
    return made;
}

}  // namespace

int main() {
    std::atomic<int> ready{0};
    std::vector<Memory> found[THREADS];
    std::vector<double> shared(THREADS * NUM);
    std::vector<std::thread> threads;
    for (int k = 0; k < THREADS; ++k)
        threads.emplace_back([&, k] {
            for (++ready; ready < THREADS;) {
            }
            found[k] = make_all();
            Output part = {shared.data() + k * NUM, 1, FLOAT64, nullptr, 0, 0, false};
            Powers line;
            if (plan_geomspace(number_of(1.0), number_of(3.0), NUM, NUM, line)) fill_powers(line, part);
        });
    for (std::thread &thread : threads) thread.join();
    bool same = true;
    for (int k = 1; k < THREADS; ++k)
        same = same && found[k] == found[0] &&
               std::memcmp(&shared[0], &shared[static_cast<size_t>(k * NUM)], NUM * sizeof(double)) == 0;
    std::printf("%d threads, %zu arrays each: %s\n", THREADS, found[0].size(), same ? "the same" : "DIFFERENT");
    return !same;
}
