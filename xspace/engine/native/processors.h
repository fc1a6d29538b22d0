// Loops compiled for several processors, of which one is chosen by each call.
//
// Which one runs changes no bit: products that are not exact are fused with sums only where the
// bound of a rounding test allows for either.
#pragma once

#include "words.h"

#if defined(__CUDACC__)
#define XSPACE_FORCE __forceinline__
#define XSPACE_ALONE __noinline__
#elif defined(__GNUC__) || defined(__clang__)
#define XSPACE_FORCE inline __attribute__((always_inline))
#define XSPACE_ALONE inline __attribute__((noinline))
#else
#define XSPACE_FORCE __forceinline
#define XSPACE_ALONE __declspec(noinline) inline
#endif

namespace xspace {

// a * b + c, rounded once or twice.
template <bool FUSED>
XSPACE_FORCE double multiply_add(double a, double b, double c) {
#if defined(__GNUC__) || defined(__clang__)
    if constexpr (FUSED) return __builtin_fma(a, b, c);
#endif
    return a * b + c;
}

// What the compiler may take for granted.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
constexpr bool ALWAYS_FUSED = true;
#else
constexpr bool ALWAYS_FUSED = false;
#endif

// XSPACE_FOR_PROCESSORS(NAME, (parameters), (arguments)) makes the function `void NAME(parameters)`
// of a template NAME_with<FUSED>, and all that it calls.
#if defined(__GNUC__) && defined(__x86_64__) && !defined(XSPACE_ONE_TARGET) && !defined(__CUDACC__)

enum Processor { ANY, AVX2, AVX512 };

inline Processor processor() {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi2"))
        return ANY;
    bool wide = __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512bw");
    return wide ? AVX512 : AVX2;
}

#define XSPACE_AVX2 __attribute__((target("avx2,fma,bmi,bmi2"), flatten))
#define XSPACE_AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"), flatten))

#define XSPACE_FOR_PROCESSORS(NAME, PARAMETERS, ARGUMENTS)                           \
    XSPACE_AVX2 inline void NAME##_avx2 PARAMETERS { NAME##_with<true> ARGUMENTS; }  \
    XSPACE_AVX512 inline void NAME##_avx512 PARAMETERS { NAME##_with<true> ARGUMENTS; } \
    inline void NAME PARAMETERS {                                                    \
        switch (processor()) {                                                       \
        case AVX512: NAME##_avx512 ARGUMENTS; break;                                 \
        case AVX2: NAME##_avx2 ARGUMENTS; break;                                     \
        default: NAME##_with<ALWAYS_FUSED> ARGUMENTS;                                \
        }                                                                            \
    }

#else

#define XSPACE_FOR_PROCESSORS(NAME, PARAMETERS, ARGUMENTS) \
    inline void NAME PARAMETERS { NAME##_with<ALWAYS_FUSED> ARGUMENTS; }

#endif

}  // namespace xspace
