"""Calls that PyTorch's compiler follows: a grid is one call of an operator.

The compiler runs Python in a way of its own, in which numbers may be variables, and does not follow
all of it.  So a call is read here with the simplest means: tensors stay what they are, Python's
integers and floats become tensors, so that one program serves all of their values, and whatever
else is a number is read by functions that the compiler calls as they are.  Their results, text and
dtypes, are constants of the program.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from ..deferred.torch_lanes import NAMES, call_grid, read_text, write_scalar
from ..deferred.torch_lines import call_line, is_known, is_long
from ..exact.progression import Arithmetic
from ..ground.float_environment import is_standard
from ..libraries.scalars import is_integer, read_scalar
from .arguments import read_axis, read_flag, read_length, read_num
from .lengths import progression_of_bounds
from .target import read_target

__all__ = ["compiled_arange", "compiled_grid", "steps_away"]

#: What an end is to a dtype, beside the name of a tensor's.
_REAL, _COMPLEX = "real", "complex"


def compiled_grid(
    caller: str,
    ends: dict[str, Any],
    num: Any,
    endpoint: Any,
    axis: Any,
    where: tuple[Any, ...],
    retstep: Any = False,
) -> Any:
    """The samples of the function that ``caller`` names, and the step if it is asked for."""
    dtype, device, *_ = where
    count, endpoint = _read_num(num), read_flag("endpoint", endpoint)
    arrays = {n: _is_array(n, v) for n, v in ends.items()}
    read = {n: (torch.as_tensor(v), "") if arrays[n] else _read_end(n, v) for n, v in ends.items()}
    kinds = tuple(_kind(ends[n], *read[n]) for n in ends)
    dtype = _dtype_of(caller, tuple(ends), kinds, dtype)
    place = _place_of(device, {n: v for n, v in ends.items() if isinstance(v, torch.Tensor)})
    texts = ";".join(text for _, text in read.values())
    tensors = [read[n][0] if n in read else None for n in NAMES]
    static = texts, caller, count, endpoint, [0] * len(ends), dtype, str(place)
    samples = call_grid(static, tensors)
    axis = read_axis(axis, samples.ndim)
    samples = samples.movedim(0, axis) if axis else samples
    if not read_flag("retstep", retstep):
        return samples
    if any(arrays.values()):
        dtype = dtype if dtype.is_floating_point or dtype.is_complex else torch.get_default_dtype()
        static = texts, "step", count, endpoint, [0, 0], dtype, str(place)
        return samples, call_grid(static, tensors)[0]
    start, stop = (_constant(n, v) for n, v in ends.items())
    div = operator.index(count) - 1 if endpoint else operator.index(count)
    return samples, _step_of(start, stop, f"{div}", dtype.is_complex)


def compiled_arange(
    start: Any, stop: Any, step: Any, inclusive: str, dtype: Any, device: Any
) -> Any:
    """The elements of ``arange``; ``stop`` alone is given as ``start``, and then None."""
    bounds = {"start": 0, "stop": start} if stop is None else {"start": start, "stop": stop}
    bounds["step"] = step
    place = _place_of(device, {})
    if inclusive == "left" and all(map(_is_int, bounds.values())):
        first, last, step = bounds.values()
        dtype = _arange_dtype(True, dtype)
        if step != 0:
            num = torch.sym_max(-((first - last) // step), 0)
            return call_line(Arithmetic(first, step, 1, num), "arange", dtype, place)
    given = [n for n, v in bounds.items() if stop is not None or n != "start"]
    texts = {n: _constant(n, v) for n, v in bounds.items()}
    dtype = _arange_dtype(all(texts[n].startswith("int:") for n in given), dtype)
    a, b, den, num = [int(n, 16) for n in _arange_text(inclusive, *texts.values()).split(";")]
    return call_line(Arithmetic(a, b, den, num), "arange", dtype, place)


def steps_away(start: Any, stop: Any, step: Any) -> Any:
    """Whether ``step`` leads from ``start`` away from ``stop``."""
    if all(map(_is_int, (start, stop, step))):
        return (stop - start) * step < 0
    bounds = {"start": start, "stop": stop, "step": step}
    return _leads_away(*[_constant(n, v) for n, v in bounds.items()])


def _is_int(value: Any) -> bool:
    return type(value) is int or isinstance(value, torch.SymInt)


def _read_num(num: Any) -> Any:
    count = num if _is_int(num) else read_num(num)
    if count < 0:
        read_length(count)  # for its error
    return count


def _is_array(name: str, value: Any) -> bool:
    """Whether it is a tensor; or a NumPy scalar, which the compiler shows as an array."""
    if isinstance(value, np.ndarray) and value.ndim:
        msg = f"xp is torch and {name} an array of numpy: convert one of them"
        raise TypeError(msg)
    return isinstance(value, (torch.Tensor, np.ndarray))


def _read_end(name: str, value: Any) -> tuple[Any, str]:
    """A tensor, or None and text."""
    if _is_int(value):
        if not is_long(value):
            return torch.scalar_tensor(value, dtype=torch.int64, device="cpu"), ""
    # In another environment a product may flush a number, and the compiler, which writes decimals,
    # reads another one: it is a constant there.
    elif _is_float(value) and is_standard():
        if is_known(value, 10.0):  # the default base
            return None, "a/1/0.0"
        # A product with a variable is what the compiler keeps variable.
        return torch.ones((), dtype=torch.float64, device="cpu") * value, ""
    return None, _constant(name, value).partition(":")[2]


def _is_float(value: Any) -> bool:
    return type(value) is float or isinstance(value, torch.SymFloat)


def _kind(value: Any, tensor: Any, text: str) -> str:
    if isinstance(value, torch.Tensor):
        return f"{value.dtype}"
    is_complex = "+" in text if tensor is None else tensor.is_complex()
    return _COMPLEX if is_complex else _REAL


def _place_of(device: Any, tensors: dict[str, Any]) -> torch.device:
    if device is not None:
        return torch.device(device)
    devices = [t.device for t in tensors.values()]
    for name, found in zip(tensors, devices, strict=True):
        if found != devices[0]:
            msg = f"{next(iter(tensors))} is on {devices[0]} and {name} on {found}"
            raise ValueError(f"{msg}: wanted one device")
    # The compiler knows the devices of tensors only.
    return devices[0] if devices else torch.empty(0).device


def _constant(name: str, value: Any) -> str:
    """A number as text, after the word ``int``, ``float`` or ``exact``.

    What the compiler took for a variable becomes a constant here.
    """
    if isinstance(value, (torch.Tensor, np.ndarray)):
        msg = f"{name} must be a number that can be read now: its value is not known to a compiler"
        raise TypeError(msg)
    if _is_int(value):
        return f"int:{operator.index(value):x}/1/0.0"
    if isinstance(value, Fraction):
        return f"exact:{value.numerator:x}/{value.denominator:x}/0.0"
    if _is_float(value):
        return f"float:{write_scalar(read_scalar(name, float(value)))}"
    text: str = _text_of(name, value)
    return text


# What follows is never followed: a compiler calls it with constants, and keeps the result.


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _text_of(name: str, value: Any) -> str:
    word = "int" if is_integer(value) else "exact"
    return f"{word}:{write_scalar(read_scalar(name, value))}"


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _dtype_of(caller: str, names: tuple[str, ...], kinds: tuple[str, ...], dtype: Any) -> Any:
    """The dtype that the function gives to ends of such kinds."""
    ends = dict(zip(names, map(_like, kinds), strict=True))
    return read_target(caller, ends, dtype, "meta", torch).dtype


def _like(kind: str) -> Any:
    """A number, or a tensor without a value."""
    if kind in (_REAL, _COMPLEX):
        return 1j if kind == _COMPLEX else 1
    return torch.empty((), dtype=getattr(torch, kind.removeprefix("torch.")), device="meta")


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _step_of(start: str, stop: str, div: str, is_complex: bool) -> Any:
    from ..exact.lines import complex_step, linspace_step

    first, last = (read_text(text.partition(":")[2]) for text in (start, stop))
    return (complex_step if is_complex else linspace_step)(first, last, int(div))


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _arange_dtype(whole: bool, dtype: Any) -> Any:
    if whole and dtype is None:
        return torch.int64
    return read_target("arange", {}, dtype, "meta", torch).dtype


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _arange_text(inclusive: str, *bounds: str) -> str:
    """The progression between such bounds: its integers."""
    names = "start", "stop", "step"
    given = dict(zip(names, map(_number, names, bounds), strict=True))
    line = progression_of_bounds(given, inclusive)
    return ";".join(f"{n:x}" for n in (line.a, line.b, line.den, line.num))


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _leads_away(*bounds: str) -> bool:
    start, stop, step = (read_text(text.partition(":")[2]) for text in bounds)
    if not all(x.is_finite for x in (start, stop, step)):
        return False
    return (stop.n * start.d - start.n * stop.d) * step.n < 0


def _number(name: str, text: str) -> Any:
    """The number of `_constant`, of a type that means the same to `arange`."""
    word, _, text = text.partition(":")
    number = read_text(text)
    if not number.is_finite:
        return number.special
    exact = Fraction(number.n, number.d)
    return float(exact) if word == "float" else exact
