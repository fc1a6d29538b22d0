"""What the command line understands, and its grids on standard output.

Nothing heavy is imported before it is needed: ``xspace --help`` does not wait for an array
library.
"""

from __future__ import annotations

import argparse
import cmath
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, TextIO

from ._version import __version__
from .float_environment import in_standard_environment

__all__ = ["run"]

_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "complex128", "complex64"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)

#: Elements that are formatted and written at a time.
_CHUNK = 1 << 13

#: Characters of an argument that an error may show.
_LONGEST = 200

#: argparse takes -1e3, -1/3 and -inf for options.  With a space in front, it and the readers of
#: numbers take them for numbers.
_NEGATIVE = re.compile(r"-(\.?\d|inf|nan|j$)", re.IGNORECASE)

_INTEGER = re.compile(r"\s*[+-]?\d+(_\d+)*\s*")

_NUMBERS = """\
START, STOP and BASE are exactly what they say: 0.3 is three tenths, as 3/10 and 3e-1 are, and 3
an integer of any size; 0x1.8p-3 is a hexadecimal number.  In Python, 0.3 is the nearest float64
number instead, and linspace 0 0.3 -n 4 is linspace(0, Fraction("0.3"), 4).  inf and nan are
known, -0.0 keeps its sign, and the parts of a complex number such as 1+2j are read as float64."""

#: A number as C99 prints it with %a: sign, digits before and after the point, exponent of two.
_HEXADECIMAL = re.compile(
    r"([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?", re.IGNORECASE
)

#: Beyond this power of two a number would be an integer of as many bits.
_LONGEST_POWER = 1 << 20

_BACKENDS = """\
BACKEND is numpy, torch, jax, cupy, array_api_strict, or any other module that follows the array
API standard."""

_FORMATS = """\
FORMAT is a printf format such as %.3e, or Python's, such as .6f, or hex for the exact value in
hexadecimal.  Without it each value is the shortest decimal that reads back as the same number of
its dtype."""


_FILES = """\
FILE is NumPy's (.npy) or a Zarr array (.zarr), which is written a chunk at a time: it may be larger
than memory.  It gets its name when it is finished.  If the command is interrupted, the same
command goes on where it was.  One process at a time writes a file."""


def run(argv: Sequence[str]) -> int:
    """Do what the arguments ask for and return the exit status."""
    try:
        words = [f" {a}" if _NEGATIVE.match(a) else a for a in argv]
        arguments = in_standard_environment(_parser().parse_args)(words)
        status: int = arguments.run(arguments)
    except OSError:  # the output cannot be written, and more may be waiting: left to `main`
        raise
    except Exception as error:
        # Also the backends' own: torch raises an AssertionError for a device that it lacks.
        print(f"xspace: error: {_one_line(error, argv)}", file=sys.stderr)
        return 2
    return status


class _Parser(argparse.ArgumentParser):
    """A parser that leaves its errors to who calls it."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _one_line(error: Exception, argv: Sequence[str]) -> str:
    """What an error says, without much of an argument that is very long."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    if len(line) > _LONGEST and any(len(a) > _LONGEST for a in argv):
        return f"{line[:120]} ... {line[120 + 5 - _LONGEST :]}"
    return line


def _parser() -> _Parser:
    parser = _Parser(
        prog="xspace",
        description="Correctly rounded grids, the same bits on every array library.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"xspace {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in (
        ("logspace", "numbers whose logarithms are evenly spaced, from BASE**START to BASE**STOP"),
        ("geomspace", "numbers whose logarithms are evenly spaced, from START to STOP"),
        ("linspace", "evenly spaced numbers, from START to STOP"),
    ):
        _add_grid(commands, name, summary)

    backends = commands.add_parser(
        "backends",
        help="show which array libraries are found, and check that they give identical bits",
        description="Show which array libraries are found, their versions, devices and default "
        "dtypes, and check on the spot that they give identical bits. The exit status is 1 if any "
        "does not.",
        allow_abbrev=False,
    )
    backends.add_argument("names", metavar="BACKEND", nargs="*", help="only these (default: all)")
    backends.set_defaults(run=_run_backends)
    return parser


def _add_grid(commands: Any, name: str, summary: str) -> None:
    paragraphs = [_NUMBERS, _BACKENDS, _FORMATS, _FILES]
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"Print {summary}: one value a line.",
        epilog="\n\n".join(paragraphs),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("start", metavar="START", type=_number)
    parser.add_argument("stop", metavar="STOP", type=_number)
    parser.add_argument(
        "-n", "--num", type=_integer, default=50, help="how many values (default: 50)"
    )
    if name == "logspace":
        parser.add_argument("-b", "--base", type=_number, default=10, help="(default: 10)")
    parser.add_argument(
        "--no-endpoint", dest="endpoint", action="store_false", help="leave the end out"
    )
    parser.add_argument("--dtype", choices=_DTYPES, metavar="DTYPE", help=", ".join(_DTYPES))
    parser.add_argument("--backend", default="numpy", help="who computes (default: numpy)")
    parser.add_argument("--device", help="where, as `xspace backends` shows it")
    parser.add_argument("--format", type=_formatter, help="how a value is printed; see below")
    file = parser.add_argument_group("files")
    file.add_argument("--out", type=Path, metavar="FILE", help="write to FILE; see below")
    file.add_argument("--chunks", type=_count, help="elements made at a time (default: 1048576)")
    file.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")
    parser.set_defaults(run=_run_grid, function=name)


def _run_backends(arguments: argparse.Namespace) -> int:
    from ._selfcheck import report

    return report(arguments.names)


@in_standard_environment
def _run_grid(arguments: argparse.Namespace) -> int:
    if arguments.out is not None:
        return _run_file(arguments)
    if sys.stdout is None:
        raise ValueError("standard output is closed")
    for name in ("chunks", "overwrite"):
        if getattr(arguments, name):
            raise ValueError(f"--{name} goes with --out FILE")
    from . import functions
    from ._host import host_bits
    from ._installed import find_device, find_dtype, load

    options: dict[str, Any] = {}
    if "base" in arguments:
        options["base"] = arguments.base
    xp = load(arguments.backend, dtype=arguments.dtype)
    if arguments.dtype is not None:
        options["dtype"] = find_dtype(xp, arguments.dtype)
    if arguments.device is not None:
        options["device"] = find_device(xp, arguments.device)
    function = getattr(functions, arguments.function)
    grid = function(
        arguments.start,
        arguments.stop,
        arguments.num,
        endpoint=arguments.endpoint,
        xp=xp,
        **options,
    )
    _write(*host_bits(grid), arguments.format, sys.stdout)
    return 0


def _run_file(arguments: argparse.Namespace) -> int:
    from ._files import CHUNK, write_grid
    from .arguments import read_length
    from .deferred.parts import parts_of
    from .scalars import read_scalar

    for name in ("device", "format"):
        if getattr(arguments, name) is not None:
            raise ValueError(f"--{name} does not go with --out")
    if arguments.backend != "numpy":
        raise ValueError("--backend does not go with --out: files are the same from all of them")
    given = {n: getattr(arguments, n) for n in ("start", "stop", "base") if n in arguments}
    dtype = arguments.dtype or "float64"
    if complex in map(type, given.values()) or dtype.startswith("complex"):
        raise ValueError("--out: complex grids are not written into files")
    ends = tuple(read_scalar(name, value) for name, value in given.items())
    parts = parts_of(
        arguments.function,
        ends,
        read_length(arguments.num),
        arguments.endpoint,
        dtype,
    )
    chunk = arguments.chunks or CHUNK
    try:
        write_grid(arguments.out, parts, chunk, overwrite=arguments.overwrite)
    except KeyboardInterrupt:
        print("xspace: interrupted; the same command goes on from here", file=sys.stderr)
        raise
    except OSError as error:  # of the file; standard output is in order
        raise RuntimeError(str(error)) from error
    return 0


def _write(name: str, bits: Any, form: Callable[[Any], str] | None, out: TextIO) -> None:
    """Write the values one a line, a chunk at a time."""
    from ._decimal import shortest
    from ._host import host_values

    for first in range(0, len(bits), _CHUNK):
        values = host_values(name, bits[first : first + _CHUNK])
        texts: Iterable[str] = shortest(name, values)
        if form is not None:
            texts = map(form, values.tolist())
        out.write("\n".join(texts) + "\n")


def _number(text: str) -> int | float | complex | Fraction | Decimal:
    """The number that an argument means: exact, but for complex ones."""
    text = text.strip()
    try:
        if "/" in text:
            return _fraction(text)
        if (hexadecimal := _HEXADECIMAL.fullmatch(text)) is not None:
            return _of_hexadecimal(*hexadecimal.groups(default=""))
        if _INTEGER.fullmatch(text):
            return _integer(text)
        if text.lower().endswith("j"):
            return _finite(complex(text), text)
        if re.search("inf|nan", text, re.IGNORECASE):
            return float(text)
        if re.search(r"(?<!\d)_|_(?!\d)", text):  # which Decimal takes anywhere
            raise ValueError
        return Decimal(text)
    except ZeroDivisionError:
        problem = f"{text:.60} has a zero denominator"
    except (ArithmeticError, ValueError):
        problem = f"{text!r:.60} is not a number"
    raise argparse.ArgumentTypeError(problem)


def _of_hexadecimal(sign: str, whole: str, rest: str, exponent: str) -> float | Fraction:
    """A hexadecimal number as C99 writes it, of any length; zero as a float, for its sign."""
    digits = int(f"{sign}{whole}{rest}", 16)
    power = int(exponent or 0) - 4 * len(rest)
    if abs(power) > _LONGEST_POWER:
        raise argparse.ArgumentTypeError(f"an exponent of {power} is too long to be exact")
    return Fraction(digits) * Fraction(2) ** power if digits else float(f"{sign}0")


def _finite(value: complex, text: str) -> complex:
    if cmath.isinf(value) and "inf" not in text.lower():
        raise argparse.ArgumentTypeError(f"{text} is outside the range of complex128")
    return value


def _fraction(text: str) -> Fraction:
    """Two integers and the line between them."""
    above, _, below = text.partition("/")
    if not (_INTEGER.fullmatch(above) and _INTEGER.fullmatch(below) and below[0].isdigit()):
        raise ValueError(text)
    return Fraction(_integer(above), _integer(below))


def _integer(text: str) -> int:
    """An integer of any length."""
    if not _INTEGER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text.strip()!r:.60} is not an integer")
    digits = text.strip().replace("_", "")
    return -_whole(digits[1:]) if digits[0] == "-" else _whole(digits.removeprefix("+"))


def _whole(digits: str) -> int:
    """What decimal digits mean: in halves, as Python reads only a few thousand of them at once."""
    if len(digits) <= 500:
        return int(digits)
    half = len(digits) // 2
    ten: int = 10**half
    return _whole(digits[:-half]) * ten + _whole(digits[-half:])


def _count(text: str) -> int:
    """A number of elements, at least one."""
    if not re.fullmatch(r"\d+", text) or not (count := _integer(text)):
        raise argparse.ArgumentTypeError(f"{text!r:.60} is not a positive integer")
    return count


def _formatter(text: str) -> Callable[[Any], str]:
    """The function that ``--format`` names; a wrong one is found before anything is computed."""

    def form(value: Any) -> str:
        if text == "hex":
            if isinstance(value, complex):
                return f"{value.real.hex()} {value.imag.hex()}"
            return value.hex() if isinstance(value, float) else hex(value)
        return text % value if "%" in text else format(value, text)

    if not any(_works(form, value) for value in (1.0, 1)):
        raise argparse.ArgumentTypeError(f"{text!r:.60} does not format a number")
    return form


def _works(form: Callable[[Any], str], value: float) -> bool:
    try:
        form(value)
    except (MemoryError, OverflowError, TypeError, ValueError):
        return False
    return True
