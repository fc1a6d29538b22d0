// The floating-point environment belongs to the caller: it is set to that of IEEE 754 while loops
// in float64 run, and put back, with the flags of exceptions as they were.
#pragma once

#include <cfenv>
#include <cfloat>

#include "words.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "xspace needs float64 arithmetic without a wider format in between"
#endif

namespace xspace {

#if defined(__SSE2__) || defined(_M_X64)

// Direction, flushing to zero and zeros for subnormal operands are in one register, and so are the
// flags of exceptions, which are put back, too.
class Environment {
    unsigned int before;
    static constexpr unsigned int CONTROLS = 0xE040, MASKS = 0x1F80;

public:
    Environment() : before(_mm_getcsr()) {
        if ((before & (CONTROLS | MASKS)) != MASKS) _mm_setcsr(MASKS);
    }
    ~Environment() { _mm_setcsr(before); }
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;
};

#elif defined(__aarch64__)

// The flags of exceptions are in a register of their own.
class Environment {
    u64 before, flags;

    static void set(u64 word) { __asm__ volatile("msr fpcr, %0" : : "r"(word) : "memory"); }

public:
    Environment() {
        __asm__ volatile("mrs %0, fpcr" : "=r"(before));
        __asm__ volatile("mrs %0, fpsr" : "=r"(flags));
        if (before) set(0);
    }
    ~Environment() {
        if (before) set(before);
        __asm__ volatile("msr fpsr, %0" : : "r"(flags) : "memory");
    }
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;
};

#else

class Environment {
    fenv_t before;

public:
    Environment() {
        fegetenv(&before);
        fesetenv(FE_DFL_ENV);
    }
    ~Environment() { fesetenv(&before); }
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;
};

#endif

}  // namespace xspace
