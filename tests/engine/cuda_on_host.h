// Enough of CUDA C++ to run a kernel on the host: the threads of a block take turns at barriers.

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>

struct Index { unsigned x; };
static Index blockIdx, threadIdx, gridDim;

static const unsigned MOST_THREADS = 1024;
static const size_t STACK = 1 << 16;
static ucontext_t scheduler, fibers[MOST_THREADS];
static bool finished[MOST_THREADS];

static void wait_for_others() {
    unsigned here = threadIdx.x;
    swapcontext(&fibers[here], &scheduler);
    threadIdx.x = here;
}

static inline unsigned long long product_high(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}

template <class To, class From> static inline To same_bits(From x) {
    To y;
    static_assert(sizeof x == sizeof y, "");
    memcpy(&y, &x, sizeof y);
    return y;
}

typedef unsigned long long Number;
typedef void Called(void *, Number, Number, Number, Number, Number, Number, Number, Number, Number,
                    Number, Number, Number, Number);
static Called *called;
static void *memory;
static const Number *numbers;

static void one_thread() {
    const Number *n = numbers;
    called(memory, n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12]);
    finished[threadIdx.x] = true;
}

// Runs a kernel of one pointer and 13 numbers; 0, or 1 where threads went apart at a barrier.
extern "C" int launch(Called *kernel, unsigned blocks, unsigned threads, void *out,
                      const Number *arguments) {
    called = kernel, memory = out, numbers = arguments;
    char *stacks = (char *)malloc(threads * STACK);
    int apart = 0;
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        for (unsigned t = 0; t < threads; t++) {
            finished[t] = false;
            getcontext(&fibers[t]);
            fibers[t].uc_stack.ss_sp = stacks + t * STACK;
            fibers[t].uc_stack.ss_size = STACK;
            fibers[t].uc_link = &scheduler;
            makecontext(&fibers[t], one_thread, 0);
        }
        for (unsigned done = 0; done < threads;) {
            done = 0;
            for (unsigned t = 0; t < threads; t++) {
                threadIdx.x = t;
                swapcontext(&scheduler, &fibers[t]);
                done += finished[t];
            }
            apart |= done != 0 && done != threads;
            if (apart) break;
        }
    }
    free(stacks);
    return apart;
}

#define __device__
#define __global__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __launch_bounds__(...)
#define __syncthreads wait_for_others
#define __umul64hi product_high
#define __longlong_as_double same_bits<double, long long>
#define __double_as_longlong same_bits<long long, double>
#define __float_as_uint same_bits<unsigned, float>
