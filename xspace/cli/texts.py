"""Elements as text: the shortest decimals, printf's and Python's formats, and JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

from ..libraries.host import host_bits, host_values
from .decimal import shortest

__all__ = ["formatter", "write"]

#: A format with one conversion to a hexadecimal floating number.
_HEXADECIMAL = re.compile(
    r"((?:[^%]|%%)*)%([-+ #0]*)(\d*)(\.\d*)?[hlL]?([aA])((?:[^%]|%%)*)", re.DOTALL
)

#: Bits of the significand of a float behind the point, and the least exponent.
_FRACTION, _LEAST = 52, -1022

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}


def formatter(text: str) -> Callable[[Any], str]:
    """The function that ``--format`` names; a ValueError if it formats no number."""
    hexadecimal = _HEXADECIMAL.fullmatch(text)

    def form(value: Any) -> str:
        if text == "hex":
            if isinstance(value, complex):
                return f"{value.real.hex()} {value.imag.hex()}"
            return value.hex() if isinstance(value, float) else hex(value)
        if hexadecimal is not None:
            before, flags, width, digits, letter, after = hexadecimal.groups()
            number = _as_c(float(value), flags, int(width or 0), digits)
            number = number.upper() if letter == "A" else number
            return before.replace("%%", "%") + number + after.replace("%%", "%")
        return text % value if "%" in text else format(value, text)

    if not any(_works(form, value) for value in (1.0, 1)):
        raise ValueError(f"{text!r:.60} does not format a number")
    return form


def _works(form: Callable[[Any], str], value: float) -> bool:
    try:
        form(value)
    except (MemoryError, OverflowError, TypeError, ValueError):
        return False
    return True


def _as_c(value: float, flags: str, width: int, digits: str | None) -> str:
    """A float as C's ``%a`` has it: exact, or rounded to so many digits, ties to even."""
    sign = "-" if math.copysign(1, value) < 0 else "+" if "+" in flags else " " * (" " in flags)
    prefix, body = ("0x", _digits(abs(value), flags, digits)) if math.isfinite(value) else ("", "")
    body = body or str(abs(value))
    room = width - len(sign + prefix + body)
    if "-" in flags:
        return f"{sign}{prefix}{body}{' ' * room}"
    if "0" in flags and prefix:
        return f"{sign}{prefix}{'0' * room}{body}"
    return f"{' ' * room}{sign}{prefix}{body}"


def _digits(value: float, flags: str, digits: str | None) -> str:
    """What follows ``0x``: of a subnormal number with a zero before the point, as glibc has it."""
    man, expo = math.frexp(value)
    power = max(expo - 1, _LEAST) if value else 0
    whole = int(math.ldexp(man, expo - power + _FRACTION)) if value else 0
    places = _FRACTION // 4
    if digits is None:
        while places and not whole % 16:
            whole, places = whole // 16, places - 1
    elif (wanted := int(digits[1:] or 0)) < places:
        unit = 16 ** (places - wanted)
        quotient, remainder = divmod(whole, unit)
        whole, places = quotient + (2 * remainder + quotient % 2 > unit), wanted
    else:
        whole, places = whole * 16 ** (wanted - places), wanted
    first, remainder = divmod(whole, 16**places)
    point = "." if places or "#" in flags else ""
    return f"{first}{point}{f'{remainder:0{places}x}' if places else ''}p{power:+d}"


def write(
    blocks: Iterable[Any],
    out: TextIO,
    *,
    form: Callable[[Any], str] | None = None,
    separator: str = "\n",
    as_json: bool = False,
) -> None:
    """Write the elements of one array after the other, each with its end as soon as it is known."""
    between = ", " if as_json else _unescaped(separator)
    out.write("[" if as_json else "")
    is_first = True
    for block in blocks:
        texts = between.join(_json(block) if as_json else _texts(block, form))
        if texts:
            out.write(texts if is_first else between + texts)
            is_first = False
    out.write("]\n" if as_json else "" if is_first else "\n")


def _unescaped(separator: str) -> str:
    """A separator as it is typed, with a backslash before what is hard to type."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), separator)


def _texts(block: Any, form: Callable[[Any], str] | None) -> Iterable[str]:
    if getattr(block.dtype, "kind", "") in ("m", "M"):
        texts = _of_dates(block)
        return map(form, texts) if form is not None else texts
    name, bits = host_bits(block)
    values = host_values(name, bits)
    return shortest(name, values) if form is None else map(form, values.tolist())


def _of_dates(block: Any) -> list[str]:
    """Dates as ISO 8601 has them, spans as they are read."""
    import numpy as np

    if block.dtype.kind == "M":
        dates: list[str] = np.datetime_as_string(block).tolist()
        return dates
    unit, count = np.datetime_data(block.dtype)
    counts = block.view(np.int64).tolist()
    return [f"{n * count}{unit}" for n in counts]


def _json(block: Any) -> Iterator[str]:
    if getattr(block.dtype, "kind", "") in ("m", "M"):
        yield from map(json.dumps, _of_dates(block))
        return
    name, bits = host_bits(block)
    values = host_values(name, bits)
    if values.dtype.kind == "c":
        parts = (_json_numbers(name, part) for part in (values.real, values.imag))
        yield from (f"[{real}, {imag}]" for real, imag in zip(*parts, strict=True))
    else:
        yield from _json_numbers(name, values)


def _json_numbers(name: str, values: Any) -> Iterator[str]:
    """Numbers; ``null`` for what JSON has none for: infinities and NaN."""
    name = {"complex64": "float32", "complex128": "float64"}.get(name, name)
    for text in shortest(name, values):
        yield "null" if text.lstrip("-") in ("inf", "nan") else text
