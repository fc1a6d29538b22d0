"""Powers in two words for compiled loops, and how those are compiled: the extra ``fast``.

A power is a significand of 128 bits in ``[2**127, 2**128)``, in two words, and an exponent.  The
bounds are in docs/method/compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
import numpy.typing as npt

from ..exact.fixed import QUICK_BITS, exp2_quick, ln2_fixed

__all__ = ["POWER", "compiled", "key_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

if numba.config.DISABLE_JIT:
    raise ImportError("numba is told not to compile")


def compiled(*signatures: str) -> Callable[[Function], Function]:
    """Compile at once, or load what was compiled before; no GIL and no checks in the loops."""

    def decorator(function: Function) -> Any:
        loop = numba.njit(nogil=True, error_model="numpy", boundscheck=False)(function)
        _keep(loop)
        for signature in signatures:
            loop.compile(signature)
        if signatures:
            loop.disable_compile()
        return loop

    return decorator


def _keep(loop: Any) -> None:
    """Keep what is compiled, until any file of the package changes.

    Numba itself looks only at the file of a function, and not at those whose functions and
    constants are compiled into it.
    """
    loop.enable_caching()
    file = loop._cache._cache_file
    file._source_stamp = (file._source_stamp, key_of(Path(__file__).parents[1]))


@lru_cache
def key_of(package: Path) -> str:
    """A digest of all that compiled loops are made from: every file, and who compiles."""
    parts = [numba.__version__, llvmlite.__version__, np.__version__]
    parts += [path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))]
    return sha256(repr(parts).encode()).hexdigest()


@compiled("f8[::1](i8)")
def aligned(size: Any) -> Any:
    """Memory for ``size`` numbers from a multiple of 64 bytes on.

    There no vector of AVX-512 lies in two cache lines, which makes a loop over tables up to a
    third faster.
    """
    memory = np.empty(size + 7)
    skip = -(memory.ctypes.data >> 3) & 7
    return memory[skip : skip + size]


_HALF_WORD = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_ONE, _TWO, _TOP = np.uint64(1), np.uint64(2), np.uint64(63)


def constant_words(values: list[int]) -> npt.NDArray[np.uint64]:
    """Numbers of 128 bits as two words each, the upper one first."""
    return np.array([[v >> 64, v & ((1 << 64) - 1)] for v in values], np.uint64)


#: Powers of ``2**(1/1024)`` and of ``2**(1/2**20)``, as significands, and ``ln 2``.
_COARSE = constant_words([exp2_quick(j << 118) >> 1 for j in range(1024)])
_FINE = constant_words([exp2_quick(j << 108) >> 1 for j in range(1024)])
_LN2 = constant_words([ln2_fixed(QUICK_BITS)])[0]
#: Upper words of 1/2, 1/6 and 1/24; the lower ones are zero, the same, and not needed.
_HALF, _SIXTH, _FOURTH_TERM = np.uint64(1 << 63), np.uint64(2**64 // 6), np.uint64(2**64 // 24)
_LOW_44 = np.uint64((1 << 44) - 1)


@compiled()
def high_word(a: Any, b: Any) -> Any:
    """``floor(a * b / 2**64)`` of two words."""
    a1, a0 = a >> _HALF_WORD, a & _LOW_HALF
    b1, b0 = b >> _HALF_WORD, b & _LOW_HALF
    middle = a1 * b0 + (a0 * b0 >> _HALF_WORD)
    other = a0 * b1 + (middle & _LOW_HALF)
    return a1 * b1 + (middle >> _HALF_WORD) + (other >> _HALF_WORD)


@compiled()
def high_words(ah: Any, al: Any, bh: Any, bl: Any) -> Any:
    """The upper two words of a product of two numbers of two words, less than 3 units too low."""
    low = ah * bh
    high = high_word(ah, bh)
    cross = high_word(ah, bl)
    low += cross
    high += np.uint64(low < cross)
    cross = high_word(al, bh)
    low += cross
    return high + np.uint64(low < cross), low


@compiled()
def product(ah: Any, al: Any, a_expo: Any, bh: Any, bl: Any, b_expo: Any) -> Any:
    """The product of two powers, rounded down by less than 12 units of ``2**-128`` of itself."""
    high, low = high_words(ah, al, bh, bl)
    carry = high >> _TOP
    up = _ONE - carry
    return high << up | low >> _TOP & up, low << up, a_expo + b_expo + np.int64(carry)


@compiled()
def sum_of(ah: Any, al: Any, bh: Any, bl: Any) -> Any:
    """The sum of two numbers of two words."""
    low = al + bl
    return ah + bh + np.uint64(low < al), low


@compiled()
def exp2(log: Any) -> Any:
    """The power of two of a logarithm, as `exp2_quick`, off by less than 80 units of ``2**-128``.

    The leading 20 bits of the fraction are looked up; with ``z < 2**-20.5`` for the others,
    ``exp(z) = 1 + z + z**2/2 + ... + z**5/120`` in fractions of two words.
    """
    return exp2_words(*words_of(log))


@compiled()
def exp2_words(high: Any, low: Any, expo: Any) -> Any:
    """The same of a fraction of two words and an exponent."""
    zh, zl = high_words(high & _LOW_44, low, _LN2[0], _LN2[1])
    ph, pl = high_words(_FOURTH_TERM + zh // np.uint64(120), np.uint64(0), zh, zl)
    ph, pl = sum_of(ph, pl, _SIXTH, _SIXTH)
    ph, pl = high_words(ph, pl, zh, zl)
    ph, pl = high_words(ph + _HALF, pl, zh, zl)
    ph, pl = high_words(ph, pl, zh, zl)
    ph, pl = sum_of(ph, pl, zh, zl)
    coarse, fine = _COARSE[high >> np.uint64(54)], _FINE[high >> np.uint64(44) & np.uint64(1023)]
    ah, al, _ = product(coarse[0], coarse[1], 0, fine[0], fine[1], 0)
    return product(ah, al, expo, _HALF | ph >> _ONE, ph << _TOP | pl >> _ONE, 0)


#: What Python hands in: a significand, or a fraction, as 63 bits and 63 more, and an exponent.
POWER = "UniTuple(i8, 3)"


@compiled()
def words_of(power: Any) -> Any:
    """Two words and an exponent from 63 bits, 63 more and the exponent, as Python hands them in."""
    high, low = np.uint64(power[0]), np.uint64(power[1])
    return high << _ONE | low >> np.uint64(62), low << _TWO, power[2]
