"""Derivatives of grids: the exact ones, hand-written and random cases, and the comparison.

With ``div`` as in `oracle`, ``w = i/div``, ``v = 1 - w`` and the exponent
``x = (start*(div - i) + stop*i) / div`` the derivatives of element ``i`` are

=========== ======================= ======================= ====================
\\           by the start            by the stop             by the base
=========== ======================= ======================= ====================
linspace    ``v``                   ``w``
geomspace   ``v*(stop/start)**w``   ``w*(start/stop)**v``
logspace    ``v*ln(base)*base**x``  ``w*ln(base)*base**x``  ``x*base**(x - 1)``
=========== ======================= ======================= ====================

Nothing here is imported from the library under test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from .cases import Case
from .compare import Bits, differing, show_bits
from .formats import FLOAT_FORMATS, INT_FORMATS, FloatFormat
from .lanes import Batch, Ends, narrowed, row
from .random_grids import random_case
from .targets import Target
from .transforms import is_reverse

#: The bound that the library promises, in units in the last place.
BOUND = 4

#: MPFR computes with so many bits. A derivative that is neither out of range nor zero is a power
#: ``2**e`` with ``|e| < 2**12`` times a factor below ``2**1100``. The roundings of the formulas, of
#: ``2**-400`` relative, thus make an error below ``2**-380`` of it.
PRECISION = 400


# The exact derivatives.


def exact_slopes(case: Case, name: str, precision: int = PRECISION) -> list[Any]:
    """Return the derivatives of all elements by an end or the base, as MPFR numbers.

    What is beyond the exponents of MPFR becomes 0 or infinite; its ends are finite, its
    `geomspace` ends of one sign, its base positive.
    """
    with gmpy2.context(precision=precision, emax=1 << 50, emin=-(1 << 50)):
        return [_slope(case, name, index) for index in range(case.num)]


def _slope(case: Case, name: str, index: int) -> Any:
    div = case.num - 1 if case.endpoint and case.num > 1 else case.num
    start, stop = mpq(Fraction(case.start)), mpq(Fraction(case.stop))
    w = mpq(index, div)
    weight = w if name == "stop" else 1 - w
    if case.function == "linspace":
        return gmpy2.mpfr(weight)
    if case.function == "geomspace":
        ratio, expo = (start / stop, 1 - w) if name == "stop" else (stop / start, w)
        return weight * gmpy2.mpfr(ratio) ** gmpy2.mpfr(expo)
    base = gmpy2.mpfr(mpq(Fraction(case.base)))
    x = start * (1 - w) + stop * w
    if name == "base":
        return x * base ** gmpy2.mpfr(x - 1) if x else gmpy2.mpfr(0)
    return weight * gmpy2.log(base) * base ** gmpy2.mpfr(x) if weight else gmpy2.mpfr(0)


def overflows(exact: Any, form: FloatFormat) -> bool:
    """Say whether a number rounds to infinity in a format."""
    ulp = gmpy2.mpfr(2) ** (form.max_exponent + 1 - form.precision)
    return bool(abs(exact) >= gmpy2.mpfr(2) ** (form.max_exponent + 1) - ulp / 2)


def off_by(number: float, exact: Any, form: FloatFormat, *, flushes: bool = False) -> float:
    """Return how many units in the last place of the exact number lie between.

    Parameters
    ----------
    number : float
        The derivative to judge.
    exact : mpfr
        The exact one.
    form : FloatFormat
        The format whose units count.
    flushes : bool
        Whether a subnormal number may have become zero.
    """
    if not np.isfinite(number):
        right = not np.isnan(number) and overflows(exact, form) and (number > 0) == (exact > 0)
        return 0.0 if right else np.inf
    if gmpy2.is_infinite(exact):
        return np.inf
    with gmpy2.context(precision=PRECISION, emax=1 << 50, emin=-(1 << 50)):
        top = gmpy2.frexp(abs(exact))[0] if exact else form.unit_exponent
        distance = abs(gmpy2.mpfr(number) - exact)
        ulps = distance / gmpy2.mpfr(2) ** max(top - form.precision, form.unit_exponent)
        # A number that rounds to the smallest normal one may have been below it by the bound.
        normal = gmpy2.mpfr(2) ** (form.unit_exponent + form.precision - 1)
        if flushes and not number and abs(exact) < normal * (1 + BOUND * 2.0**-form.precision * 2):
            return 0.0
        return float(ulps)


# The comparison.


@dataclass(frozen=True)
class Judged:
    """The formats of a derivative: that of its dtype, and the one whose units count."""

    dtype: str
    unit: FloatFormat

    @classmethod
    def of(cls, batch: Batch, name: str, way: str) -> Judged:
        """Return what is promised of an end's derivative: short formats go by float32 at least."""
        grid = FLOAT_FORMATS[batch.dtype]
        if not is_reverse(way):
            return cls(batch.dtype, grid)
        end: Ends = getattr(batch, name)
        wide = max(grid, FLOAT_FORMATS["float32"], key=lambda form: form.precision)
        unit = min(wide, FLOAT_FORMATS[end.dtype], key=lambda form: form.precision)
        return cls(end.dtype, unit)


def array_names(batch: Batch) -> list[str]:
    """Return the arguments of a batch that are arrays."""
    return [name for name, end in batch.arguments.items() if isinstance(end, Ends)]


def differentiated(target: Target, batch: Batch, name: str, way: str) -> tuple[Any, Any]:
    """Return samples and their derivatives by an end, as arrays of the target."""
    ends = batch.inputs(target)
    arrays = {other: ends.pop(other) for other in array_names(batch)}

    def grid(**given: Any) -> Any:
        return batch.call(target, **ends, **given)

    return target.differentiate[way](grid, arrays, name)


def check_slopes(target: Target, batch: Batch, way: str, by: Sequence[str] = ()) -> None:
    """Fail unless all derivatives are right, and the samples keep their bits beside them.

    Parameters
    ----------
    target, batch, way
        What is asked for its derivatives, of which grids, and how.
    by : sequence of str, optional
        The ends to take them by; without it, all that are arrays.
    """
    with target.scope():
        plain = batch.read(target, batch.call(target, **batch.inputs(target)))
        for name in by or array_names(batch):
            values, slopes = differentiated(target, batch, name, way)
            title = f"{target.name}, {way}, by the {name}: {batch.id}"
            code = f"\n  reproduce: {batch.snippet(target)}"
            wrong = differing(batch.read(target, values).ravel(), plain.ravel(), batch.dtype)
            assert not wrong.size, f"{title}: {wrong.size} samples lose their bits{code}"
            shape = tuple(slopes.shape)
            assert shape == batch.result_shape, f"{title}: derivatives of shape {shape}{code}"
            if batch.dtype in INT_FORMATS:
                host = np.asarray(target.read_out(slopes))
                assert not host.any(), f"{title}: of integers, and not zero{code}"
                continue
            judged = Judged.of(batch, name, way)
            bits = target.unsigned(slopes, judged.dtype).reshape(batch.num, -1).T
            message = slope_report(batch, name, way, bits, flushes=target.flushes)
            assert message is None, f"{title}: {message}{code}"


def slope_report(
    batch: Batch, name: str, way: str, bits: Bits, *, flushes: bool = False
) -> str | None:
    """Return None if all derivatives, by lanes, are within the bound, else which are not."""
    judged = Judged.of(batch, name, way)
    form = FLOAT_FORMATS[judged.dtype]
    lines: list[str] = []
    for case, lane in zip(batch.lanes.values(), bits, strict=True):
        exact = exact_slopes(case, name)
        if is_reverse(way) and any(overflows(slope, judged.unit) for slope in exact):
            continue  # the sum over the samples has a term 0 * inf
        for index, slope in enumerate(exact):
            got = int(lane[index])
            error = off_by(form.to_float(got), slope, judged.unit, flushes=flushes)
            if error > BOUND:
                lines.append(
                    f"  element {index} of {case.num}: {case.snippet(judged.dtype, '...')}\n"
                    f"    got     {show_bits(got, judged.dtype)}\n"
                    f"    exact   {slope:.20g}\n"
                    f"    off by  {error:.3g} ulp"
                )
    if not lines:
        return None
    return "\n".join([f"{len(lines)} derivatives are wrong", *lines[:5]])


# Hand-written cases: lanes side by side, so that a program is compiled once for many.

NUM = 7


def lanes_of(name: str, function: str, *lanes: tuple[float, ...], **more: Any) -> Batch:
    """Make a batch of its lanes: start and stop of each, and the base of ``logspace``."""
    names = ("start", "stop", "base")
    ends = {key: row(*values) for key, values in zip(names, zip(*lanes, strict=True), strict=False)}
    return Batch(name, function, **{"num": NUM, **ends, **more})


WIDE = {
    "linspace": [
        (0.1, 2.5),
        (-3.0, 0.75),
        (0.1, 0.1),
        (0.0, -0.0),
        (1e308, -1e308),
        (5e-324, 1e-310),
        (-1e16, 1.0),
    ],
    "geomspace": [
        (0.1, 2.5),
        (8.0, 1.0),
        (0.1, 0.1),  # equal ends: the derivatives are the weights
        (5e-324, 5e-324),
        (1.7e308, 1.7e308),
        (5e-324, 1e-310),  # subnormal elements, ordinary derivatives
        (1e-310, 1e-322),
        (1e-320, 1e-5),
        (5e-324, 1.7e308),  # ordinary elements, derivatives out of range on either side
        (1.7e308, 5e-324),
        (1e-300, 1e300),
        (1.0, 1 + 2.0**-52),
        (-0.1, -2.5),
        (-1e300, -1e-300),
        (-5e-324, -1e308),
        (-3.0, -3.0),
    ],
    "logspace": [
        (0.1, 2.5, 10.0),
        (-3.0, 0.75, 7.3),
        (0.0, 0.0, 3.0),  # x is 0: a derivative by the base that is 0
        (-3.0, 3.0, 2.0),  # and in the middle only
        (2.0, 2.0, 0.3),
        (2.0, 3.0, 1.0),  # base 1: no dependence on the ends
        (-1e300, 1e300, 1.0),
        (300.0, 320.0, 10.0),  # to where elements overflow
        (-330.0, -300.0, 10.0),  # and underflow
        (1.03, 1.1, 1e300),  # elements overflow, and their derivatives by the base do not
        (1.03, 1.07, 1e-300),  # elements are subnormal, their derivatives by the base ordinary
        (0.003, 0.01, 5e-324),  # ordinary elements, and derivatives by the base that overflow
        (-0.1, 1.0, 5e-324),
        (-1.06, -1.04, 1e300),  # subnormal elements, and derivatives that are not, or are zero
        (5e-324, 1e-310, 1e-300),  # subnormal exponents, ordinary derivatives by the base
        (-1e-310, 5e-324, 1e-310),
        (5e-324, -1e-310, 1e300),
        (3.19e18, 3.21e18, 1 + 2.0**-52),  # the logarithm brings back what overflows
        (-3.21e18, 3.2e18, 1 - 2.0**-53),
        (-1e-15, 1e-17, 1 + 2.0**-52),
        (1e17, -1e17, 0.9999999999999999),
        (0.5, 22.0, 9.0),
    ],
}
SHORT = {
    "linspace": [(0.1, 2.5), (3e38, -3e38), (1e-45, 1e-40), (0.1, 0.1)],
    "geomspace": [
        (0.1, 2.5),
        (1e-45, 1e-45),
        (1e-45, 1e-39),
        (1e-42, 1e-2),
        (1e-45, 3e38),
        (3e38, 1e-45),
        (-1e-45, -3e38),
        (-3.0, -3.0),
        (1.0, 1 + 2.0**-23),
    ],
    "logspace": [
        (0.1, 2.5, 10.0),
        (-3.0, 3.0, 2.0),
        (2.0, 3.0, 1.0),
        (-1e30, 1e30, 1.0),
        (36.0, 40.0, 10.0),
        (-46.0, -36.0, 10.0),
        (1.1, 1.3, 1e35),
        (1.1, 1.25, 1e-35),
        (0.003, 0.05, 1e-45),
        (-1.2, -1.1, 1e35),
        (1e-45, 1e-40, 1e-35),
        (7.4e8, 7.55e8, 1 + 2.0**-23),
        (-1e-7, 1e-9, 1 + 2.0**-23),
        (1.5e9, -1.5e9, 1 - 2.0**-24),
    ],
}


def hard_slopes() -> Iterator[Batch]:
    """Yield hand-written batches, the arrays of each of the shape of the lanes."""
    for function, lanes in WIDE.items():
        plain = lanes_of("hard", function, *lanes)
        yield plain
        yield replace(plain, name="open", endpoint=False)
        yield lanes_of("single", function, *lanes, num=1)
    for function, lanes in SHORT.items():
        plain = narrowed(lanes_of("hard", function, *lanes, dtype="float32"))
        yield plain
        yield replace(plain, name="open", endpoint=False)
        yield replace(plain, name="longer", dtype="float64")
        wider = {name: Ends.of(getattr(plain, name).host) for name in array_names(plain)}
        yield replace(plain, name="shorter", **wider)
        for dtype in ("float16", "bfloat16"):
            yield replace(plain, name="short", dtype=dtype)
    yield from scalar_slopes()
    yield from integer_slopes()


def scalar_slopes() -> Iterator[Batch]:
    """Yield batches in which some of the ends are exact numbers, beyond the range too."""
    for dtype, large, huge in (("float64", 1e300, 10**400), ("float32", 1e30, 10**60)):
        above = Ends.of([large, 1.0, large / 3], dtype)
        below = Ends.of([1 / large, 1.0, 3 / large], dtype)
        tiny = Fraction(1, huge)
        yield Batch("overflow", "geomspace", above, huge, NUM, dtype=dtype)
        yield Batch("overflow", "geomspace", huge, above, NUM, dtype=dtype)
        yield Batch("underflow", "geomspace", below, tiny, NUM, dtype=dtype)
        yield Batch("overflow", "linspace", above, huge, NUM, dtype=dtype)
        yield Batch("exact-scalars", "logspace", Ends.of([0.1, 2.0], dtype), Fraction(1, 3), NUM,
                    dtype=dtype, base=Fraction(22, 7))  # fmt: skip
        yield Batch("exact-scalars", "logspace", Fraction(1, 3), 2, NUM, dtype=dtype, base=above)
        yield Batch("huge-base", "logspace", Ends.of([0.1, -0.2], dtype), Fraction(1, 3), NUM,
                    dtype=dtype, base=huge)  # fmt: skip


def integer_slopes() -> Iterator[Batch]:
    """Yield batches of integers, which are constant but for their steps."""
    lanes = [(1.0, 4.0, 3.0), (2.0, 2.0, 2.5)]
    for function, dtype in (("linspace", "int32"), ("geomspace", "uint8"), ("logspace", "int16")):
        width = 3 if function == "logspace" else 2
        yield narrowed(
            lanes_of("integers", function, *(lane[:width] for lane in lanes), dtype=dtype)
        )


def compiled_slopes() -> Iterator[Batch]:
    """Yield the few batches for ways that compile: one program for all lanes of each."""
    for function in WIDE:
        yield lanes_of("compiled", function, *WIDE[function])
        yield narrowed(lanes_of("compiled", function, *SHORT[function], dtype="float32"))
    lanes = WIDE["geomspace"]
    yield lanes_of("compiled-open", "geomspace", *lanes, endpoint=False)
    yield lanes_of("compiled-integers", "linspace", (1.0, 4.0), (2.0, 2.0), dtype="int32")


# Random ones.


def random_slopes(rng: random.Random, dtype: str, function: str, count: int) -> Batch:
    """Draw lanes of numbers of a dtype that have derivatives, as one batch."""
    lanes = [_random_ends(rng, dtype, function) for _ in range(count)]
    width = 3 if function == "logspace" else 2
    batch = lanes_of(
        "random", function, *(lane[:width] for lane in lanes), endpoint=rng.random() < 0.75
    )
    return replace(batch if dtype == "float64" else narrowed(batch, dtype), dtype=dtype)


def _random_ends(rng: random.Random, dtype: str, function: str) -> tuple[float, ...]:
    form = FLOAT_FORMATS[dtype]
    while True:
        case = random_case(rng, dtype, function)
        ends = [_rounded(value, form) for value in (case.start, case.stop, case.base)]
        nonzero = ends[2:] if function != "geomspace" else ends
        if np.isfinite(ends).all() and all(nonzero):
            return tuple(ends)


def _rounded(value: Any, form: FloatFormat) -> float:
    """Round an exact number once to a format."""
    exact = Fraction(value)
    number = form.to_float(form.round_ratio(abs(exact.numerator), exact.denominator))
    return -number if exact < 0 else number
