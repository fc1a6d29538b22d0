"""Progressions as an operator of PyTorch: ``arange``, and the arrays of ranges.

Like that of `torch_lanes` it runs the eager maker where a program runs, so no elements become
constants of the program.  The integers of a progression are numbers of the operator, which a
compiler may leave open, but for those beyond 64 bits, which are text.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import library as operators

from ..exact.progression import Arithmetic, Geometric
from ..grids.produce import produce
from ..grids.source import Line
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..libraries.torch import TorchBackend
from .torch_lanes import NAMESPACE

__all__ = ["call_line", "is_known", "is_long"]

_LINE = f"{NAMESPACE}::line"

operators.define(
    _LINE,
    "(str caller, SymInt[] numbers, str long, SymInt num, bool negative, int[] zeros, "
    "ScalarType dtype, str device) -> Tensor",
)


def call_line(
    line: Any,
    caller: str,
    dtype: torch.dtype,
    device: torch.device,
    negative: bool = False,
    zeros: range = range(0),
) -> Any:
    """The operator."""
    numbers = [line.a, line.b, line.den]
    if isinstance(line, Geometric):
        numbers = [*numbers, *line.scale, *line.base]
    long = ";".join(f"{n:x}" if is_long(n) else "" for n in numbers)
    short = [0 if is_long(n) else n for n in numbers]
    places = [zeros.start, zeros.stop]
    return _operator(caller, short, long, line.num, negative, places, dtype, str(device))


def is_long(n: Any) -> bool:
    """Whether an integer is known to have more than 64 bits."""
    if not torch.compiler.is_compiling() and type(n) is int:
        return not -(1 << 63) <= n < 1 << 63
    # A comparison would be a condition that the compiled program is bound to.
    from torch.fx.experimental.symbolic_shapes import statically_known_true

    return bool(statically_known_true(n >= 1 << 63) or statically_known_true(n < -(1 << 63)))


def is_known(x: Any, number: float) -> bool:
    """Whether a number is known to a compiler to be this one."""
    from torch.fx.experimental.symbolic_shapes import statically_known_true

    return bool(statically_known_true(x == number))


@in_standard_environment
def _make(
    caller: str,
    numbers: list[int],
    long: str,
    num: int,
    negative: bool,
    zeros: list[int],
    dtype: torch.dtype,
    device: str,
) -> Any:
    """The operator on a device with values."""
    if device == "meta":
        return _fake(caller, numbers, long, num, negative, zeros, dtype, device)
    texts = long.split(";")
    a, b, den, *ratios = (
        int(text, 16) if text else n for n, text in zip(numbers, texts, strict=True)
    )
    backend = TorchBackend()
    if dtype.is_complex:  # with zero as the imaginary part
        real = _make(caller, numbers, long, num, negative, zeros, dtype.to_real(), device)
        return real.to(dtype)
    target = Target(caller, backend, *backend.read_dtype(dtype), torch.device(device))
    if ratios:
        scale, base = (ratios[0], ratios[1]), (ratios[2], ratios[3])
        line: Arithmetic | Geometric = Geometric(scale, base, a, b, den, num)
    else:
        line = Arithmetic(a, b, den, num)
    return produce(Line(caller, line, target.fmt, negative, range(*zeros)), target)


def _fake(
    caller: str,
    numbers: Any,
    long: str,
    num: Any,
    negative: bool,
    zeros: list[int],
    dtype: torch.dtype,
    device: str,
) -> Any:
    """The operator without values."""
    return torch.empty(num, dtype=dtype, device=device)


operators.impl(_LINE, "CompositeExplicitAutograd", _make)
operators.register_fake(_LINE, _fake)
_operator = getattr(torch.ops, NAMESPACE).line
