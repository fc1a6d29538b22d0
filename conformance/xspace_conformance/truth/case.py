"""What a case is, and how its parameters are written down exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from .formats import FLOAT_FORMATS, INT_FORMATS

FLOATS = tuple(FLOAT_FORMATS)
INTS = tuple(INT_FORMATS)
WHOLE_GRID = 20_001  # beyond this many elements the oracle is asked for a sample only


@dataclass(frozen=True)
class Case:
    """One call in one dtype.

    Parameters
    ----------
    name : str
        What the case is about.
    function : {"linspace", "logspace", "geomspace"}
        What to call.
    start, stop : int, float, Fraction or Decimal
        The ends, exact.
    num : int
        Number of elements.
    dtype : str
        Name of the dtype.
    endpoint : bool
        Whether `stop` is the last element.
    base : int, float, Fraction or Decimal
        Only for ``logspace``.
    indices : tuple of int, optional
        Elements of which the oracle is asked; default all.
    """

    name: str
    function: str
    start: Any
    stop: Any
    num: int
    dtype: str = "float64"
    endpoint: bool = True
    base: Any = 10.0
    indices: tuple[int, ...] | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """Identify the case in a test report."""
        return f"{self.name}-{self.dtype}"

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What a target needs to have."""
        return (self.dtype,)

    @property
    def arguments(self) -> tuple[Any, Any, int]:
        """Positional arguments of the call."""
        return self.start, self.stop, self.num

    def in_multiples(self, multiple: int) -> Case:
        """Return a finer grid of a length that is divisible, with the elements of this one."""
        num, endpoint = finer(self.num, multiple, endpoint=self.endpoint)
        if num == self.num:
            return self
        return sampled(replace(self, num=num, endpoint=endpoint, indices=None))

    @cached_property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments of the call, the dtype apart."""
        keywords: dict[str, Any] = {} if self.endpoint else {"endpoint": False}
        if self.function == "logspace" and show(self.base) != "10.0":
            keywords["base"] = self.base
        return keywords

    def snippet(self, dtype: str, namespace: str, device: str | None = None) -> str:
        """Return the call as code that reproduces it."""
        args = [show(value) for value in self.arguments]
        args += [f"{key}={show(value)}" for key, value in self.keywords.items()]
        args += [f"dtype={dtype}", f"xp={namespace}"]
        args += [f"device={device}"] if device is not None else []
        return f"xspace.{self.function}({', '.join(args)})"


def finer(num: int, multiple: int, *, endpoint: bool) -> tuple[int, bool]:
    """Return the least `num` and `endpoint` of a grid that holds another, of a length divisible.

    The places ``i/div`` of a grid are among those of one with ``k*div``. If no such length is
    divisible while the stop is included, it is left out, which makes ``num`` equal ``div``.
    """
    if num % multiple == 0:
        return num, endpoint
    if num == 1:
        return multiple, endpoint
    div = num - 1 if endpoint else num
    if endpoint and math.gcd(div, multiple) == 1:
        return div * pow(-div, -1, multiple) + 1, True
    return math.lcm(div, multiple), False


def show(value: Any) -> str:
    """Return the source code of an exact parameter."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, int) and value.bit_length() > 200:
        return f"int({hex(value)!r}, 16)"
    if isinstance(value, Fraction):
        return f"Fraction({show(value.numerator)}, {show(value.denominator)})"
    return repr(value)


def spread(case: Case, dtypes: Sequence[str] = FLOATS) -> list[Case]:
    """Return the case in several dtypes."""
    return [replace(case, dtype=dtype) for dtype in dtypes]


def sampled(case: Case, count: int = 200) -> Case:
    """Return the case with a sample of indices, where it is too large to be judged whole."""
    if case.num <= WHOLE_GRID:
        return case
    generator = np.random.default_rng(case.num)
    inner = generator.choice(case.num, size=count - 4, replace=False)
    chosen = {0, 1, case.num // 2, case.num - 1, *inner.tolist()}
    return replace(case, indices=tuple(sorted(int(i) for i in chosen)))


def scalar_to_json(value: Any) -> str:
    """Write an exact parameter: a hexadecimal float, a decimal integer or ``p/q``."""
    if isinstance(value, Decimal):
        value = Fraction(value) if value.is_finite() and value else float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return short_hex(value)
    if isinstance(value, Fraction):
        return f"{int_to_text(value.numerator)}/{int_to_text(value.denominator)}"
    return int_to_text(value)


def short_hex(value: float) -> str:
    """Return ``float.hex`` without its trailing zeros."""
    return re.sub(r"\.?0*p", "p", value.hex()) if math.isfinite(value) else value.hex()


def scalar_from_json(text: str) -> int | float | Fraction:
    """Read what `scalar_to_json` wrote."""
    if "/" in text:
        numerator, denominator = text.split("/")
        return Fraction(int_from_text(numerator), int_from_text(denominator))
    if "x" in text or text.strip("+-") in ("inf", "nan"):
        return float.fromhex(text)
    return int_from_text(text)


def int_to_text(value: int) -> str:
    """Write an integer of any length in decimal (``str`` refuses more than 4,300 digits)."""
    digits = []
    rest = abs(value)
    while rest >= 10**4000:
        rest, low = divmod(rest, 10**4000)
        digits.append(f"{low:04000d}")
    return ("-" if value < 0 else "") + str(rest) + "".join(reversed(digits))


def int_from_text(text: str) -> int:
    """Read a decimal integer of any length."""
    sign = -1 if text.startswith("-") else 1
    digits, value = text.lstrip("-"), 0
    head = len(digits) % 4000
    for block in (digits[:head], *(digits[i : i + 4000] for i in range(head, len(digits), 4000))):
        value = value * 10 ** len(block) + int(block or "0")
    return sign * value
