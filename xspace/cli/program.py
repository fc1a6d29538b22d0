"""What the command line understands, and its grids on standard output.

Nothing heavy is imported before it is needed: ``xspace --help`` does not wait for an array
library.
"""

from __future__ import annotations

import argparse
import cmath
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .._version import __version__
from ..ground.float_environment import in_standard_environment
from ..ground.thresholds import CLI_LINES, FILE_CHUNK

if TYPE_CHECKING:
    import numpy as np

    from ..grids.source import Source
    from ..grids.target import Target

__all__ = ["run"]

_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "complex128", "complex64"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)

#: The shells that `completion` knows.
SHELLS = ("bash", "zsh", "fish")

#: Characters of an argument that an error may show.
_LONGEST = 200

#: argparse takes -1e3, -1/3 and -inf for options.  With a space in front, it and the readers of
#: numbers take them for numbers.
_NEGATIVE = re.compile(r"-(\.?\d|inf|nan|j$)", re.IGNORECASE)

_INTEGER = re.compile(r"\s*[+-]?\d+(_\d+)*\s*")

_NUMBERS = """\
START, STOP and BASE are exactly what they say: 0.3 is three tenths, as 3/10
and 3e-1 are, and 3 an integer of any size; 0x1.8p-3 is a hexadecimal number.
In Python, 0.3 is the nearest float64 number instead, and linspace 0 0.3 -n 4
is linspace(0, Fraction("0.3"), 4).  inf and nan are known, -0.0 keeps its
sign, and the parts of a complex number such as 1+2j are read as float64."""

#: A date as ISO 8601 has it, but for years alone, and a span of time.
_DATE = re.compile(r"\d{4}-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d{1,18})?)?)?Z?)?)?")
_SPAN = re.compile(r"([+-]?\d{1,18})(Y|M|W|D|h|m|s|ms|us|ns)")

#: A number as C99 prints it with %a: sign, digits before and after the point, exponent of two.
_HEXADECIMAL = re.compile(
    r"([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?", re.IGNORECASE
)

#: Beyond this power of two a number would be an integer of as many bits.
_LONGEST_POWER = 1 << 20

_BACKENDS = """\
BACKEND is numpy, torch, jax, cupy, array_api_strict, or any other module that
follows the array API standard."""

_FORMATS = """\
FORMAT is a printf format such as %.3e, or %a for the exact value in
hexadecimal, or Python's, such as .6f, or hex for Python's hexadecimal.
Without it each value is the shortest decimal that reads back as the same
number of its dtype.  SEPARATOR may have \\t, \\n, \\0.  With --json the values
are one list; infinities and NaN are null, complex numbers pairs, dates
strings."""

_DATES = """\
Dates are written as 2024-02-29 or 2024-02-29T12:30, and spans of time as 36h:
a whole number of Y, M, W, D, h, m, s, ms, us or ns."""

_FILES = """\
FILE is NumPy's (.npy) or a Zarr array (.zarr), which is written a chunk at a
time: it may be larger than memory.  It gets its name when it is finished.  If
the command is interrupted, the same command goes on where it was.  One process
at a time writes a file."""


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
    """A parser that leaves its errors to who calls it, and knows what a wrong word may mean."""

    def error(self, message: str) -> NoReturn:
        wrong = message.removeprefix("unrecognized arguments: ")
        if wrong != message and wrong.startswith("-"):
            from .installed import did_you_mean

            message += did_you_mean(wrong.split()[0].partition("=")[0], sorted(self._words()))
        raise ValueError(message)

    def _words(self) -> set[str]:
        """All options, and those of the commands."""
        found = set(self._option_string_actions)
        for parser in self.commands().values():
            found |= parser._words()
        return found

    def commands(self) -> dict[str, _Parser]:
        """The parsers of the commands."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        from .installed import did_you_mean

        choices = list(map(str, action.choices))
        near = did_you_mean(str(value), choices)
        raise argparse.ArgumentError(
            action, f"there is no {value!r:.60}{near or ', only ' + ', '.join(choices)}"
        )


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
    _add_steps(commands)

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
    shells = commands.add_parser(
        "completion",
        help="print what makes a shell complete the words of this command",
        description="Print what makes a shell complete the words of this command: "
        'eval "$(xspace completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc, and '
        "xspace completion fish | source in config.fish.",
        allow_abbrev=False,
    )
    shells.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    shells.set_defaults(run=lambda arguments: _run_completion(arguments, parser))
    return parser


def _run_completion(arguments: argparse.Namespace, parser: _Parser) -> int:
    from .completion import completion

    sys.stdout.write(completion(arguments.shell, dict(parser.commands())))
    return 0


def _add_steps(commands: Any) -> None:
    parser = commands.add_parser(
        "arange",
        help="numbers or dates a step apart, from START up to but not including STOP",
        description="Print numbers or dates a STEP apart, from START (or zero, if STOP stands\n"
        "alone) up to but not including STOP: one a line.",
        epilog="\n\n".join([_NUMBERS, _DATES, _BACKENDS, _FORMATS, _FILES]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("start", metavar="START", type=_number_or_date)
    parser.add_argument("stop", metavar="STOP", type=_number_or_date, nargs="?")
    parser.add_argument("step", metavar="STEP", type=_number_or_date, nargs="?", default=1)
    parser.add_argument(
        "--inclusive",
        choices=("left", "both", "right", "neither"),
        default="left",
        metavar="ENDS",
        help="which ends belong to the values: left (the default), both, right, neither",
    )
    _add_places(parser)
    parser.set_defaults(run=_run_grid, function="arange")


def _add_places(parser: argparse.ArgumentParser) -> None:
    """What all grids have: where they are made, and how they are printed, or written to files."""
    parser.add_argument("--dtype", type=_dtype, metavar="DTYPE", help=", ".join(_DTYPES))
    parser.add_argument("--backend", default="numpy", help="who computes (default: numpy)")
    parser.add_argument("--device", help="where, as `xspace backends` shows it")
    parser.add_argument("--format", type=_formatter, help="how a value is printed; see below")
    parser.add_argument("--separator", help="what stands between values (default: a new line)")
    parser.add_argument("--json", action="store_true", help="print a list in JSON")
    file = parser.add_argument_group("files")
    file.add_argument("--out", type=Path, metavar="FILE", help="write to FILE; see below")
    file.add_argument("--chunks", type=_count, help="elements made at a time (default: 1048576)")
    file.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")


def _add_grid(commands: Any, name: str, summary: str) -> None:
    paragraphs = [_NUMBERS, *[_DATES] * (name == "linspace"), _BACKENDS, _FORMATS, _FILES]
    read = _number_or_date if name == "linspace" else _number
    parser = commands.add_parser(
        name,
        help=summary,
        description=textwrap.fill(f"Print {summary}: one value a line.", 79),
        epilog="\n\n".join(paragraphs),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("start", metavar="START", type=read)
    parser.add_argument("stop", metavar="STOP", type=read)
    parser.add_argument(
        "-n", "--num", type=_integer, default=50, help="how many values (default: 50)"
    )
    if name == "logspace":
        parser.add_argument("-b", "--base", type=_number, default=10, help="(default: 10)")
    parser.add_argument(
        "--no-endpoint", dest="endpoint", action="store_false", help="leave the end out"
    )
    _add_places(parser)
    parser.set_defaults(run=_run_grid, function=name)


def _run_backends(arguments: argparse.Namespace) -> int:
    from .selfcheck import report

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
    place = _place(arguments)
    range_ = _range(arguments)
    if range_ is None:  # complex, or a limit
        _print(_blocks_of_source(*_source(arguments, **place)), arguments)
    else:
        _print(_blocks(range_, arguments.function, place), arguments)
    return 0


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The numbers or dates between which a grid is."""
    return {n: getattr(arguments, n) for n in ("start", "stop", "base") if n in arguments}


def _place(arguments: argparse.Namespace) -> dict[str, Any]:
    """Library, dtype and device."""
    from .installed import find_device, find_dtype, load

    xp = load(arguments.backend, dtype=arguments.dtype)
    place: dict[str, Any] = {"xp": xp}
    if arguments.dtype is not None:
        dated = "64[" in arguments.dtype
        place["dtype"] = arguments.dtype if dated else find_dtype(xp, arguments.dtype)
    if arguments.device is not None:
        place["device"] = find_device(xp, arguments.device)
    return place


def _range(arguments: argparse.Namespace) -> Any:
    """The grid as a range, of which any part can be made; None if it is no progression."""
    from ..libraries.scalars import has_dates, read_scalar
    from ..ranges import spaced as ranges

    given = _given(arguments)
    if arguments.function == "arange":
        from ..ranges.arith_range import ArithRange

        bounds: Any = (*given.values(), arguments.step)
        return ArithRange(*bounds, inclusive=arguments.inclusive)
    start, stop, *base = given.values()
    if not has_dates(start, stop):
        if complex in map(type, given.values()) or str(arguments.dtype).startswith("complex"):
            return None
        first, last, *bases = (read_scalar(name, value) for name, value in given.items())
        if not (first.is_finite and last.is_finite and all(b.is_finite and b.n > 0 for b in bases)):
            return None
        if arguments.function == "geomspace" and first.sign * last.sign <= 0:
            return None
    kinds = {
        "linspace": ranges.LinRange,
        "logspace": ranges.LogRange,
        "geomspace": ranges.GeomRange,
    }
    options = {"base": base[0]} if base else {}
    kind: Any = kinds[arguments.function]
    return kind(start, stop, arguments.num, endpoint=arguments.endpoint, **options)


def _blocks(range_: Any, caller: str, place: dict[str, Any]) -> Iterator[Any]:
    """The arrays of a range, one after the other; an error at once if an element does not fit."""
    from ..ground.sizes import check_size

    check_size(range_.num)
    range_._check(caller, **place)
    for first in range(0, range_.num, CLI_LINES):
        yield range_[first : first + CLI_LINES].to_array(**place)


def _source(
    arguments: argparse.Namespace, xp: Any, dtype: Any = None, device: Any = None
) -> tuple[Source, Target]:
    """The grid of a function that takes a length, of which nothing is made yet."""
    from ..call.arguments import read_length
    from ..call.target import read_target
    from ..grids.from_scalars import source_of
    from ..ground.sizes import check_size
    from ..libraries.scalars import read_scalar

    given, num = _given(arguments), read_length(arguments.num)
    check_size(num)
    target = read_target(arguments.function, given, dtype, device, xp)
    ends = tuple(read_scalar(name, value) for name, value in given.items())
    grid = target.caller, ends, num, arguments.endpoint, target.fmt
    source = source_of(*grid, is_complex=target.is_complex)
    source.check()
    return source, target


def _blocks_of_source(source: Source, target: Target) -> Iterator[Any]:
    """Its arrays, one after the other."""
    from ..grids.produce import produce

    for first in range(0, source.num, CLI_LINES):
        yield produce(source, target, range(first, min(first + CLI_LINES, source.num)))


def _print(blocks: Any, arguments: argparse.Namespace) -> None:
    from .texts import write

    if arguments.json and (arguments.format is not None or arguments.separator is not None):
        raise ValueError("--json has a format and separators of its own")
    separator = "\n" if arguments.separator is None else arguments.separator
    options = {"form": arguments.format, "separator": separator, "as_json": arguments.json}
    write(blocks, sys.stdout, **options)


def _run_file(arguments: argparse.Namespace) -> int:
    from .files import write_grid

    for name in ("device", "format", "separator", "json"):
        if getattr(arguments, name) not in (None, False):
            raise ValueError(f"--{name} does not go with --out")
    if arguments.backend != "numpy":
        raise ValueError("--backend does not go with --out: files are the same from all of them")
    parts, chunk = _parts(arguments), arguments.chunks or FILE_CHUNK
    try:
        write_grid(arguments.out, parts, chunk, overwrite=arguments.overwrite)
    except KeyboardInterrupt:
        print("xspace: interrupted; the same command goes on from here", file=sys.stderr)
        raise
    except OSError as error:  # of the file; standard output is in order
        raise RuntimeError(str(error)) from error
    return 0


def _parts(arguments: argparse.Namespace) -> Any:
    """The grid of a file, of which nothing is made yet."""
    from ..libraries.scalars import is_date

    dtype = arguments.dtype
    if arguments.function == "arange" or any(map(is_date, _given(arguments).values())):
        from .ranged import RangeParts

        return RangeParts(arguments.function, _range(arguments), dtype)
    import numpy as np

    from ..deferred.parts import Parts

    source, target = _source(arguments, np, dtype)
    return Parts(source, target.dtype)


def _dtype(text: str) -> str:
    """The name of a dtype, of numbers or of dates."""
    if text in _DTYPES or re.fullmatch(r"(datetime|timedelta)64\[\w+\]", text):
        return text
    from .installed import did_you_mean

    near = did_you_mean(text[:_LONGEST], _DTYPES)
    raise argparse.ArgumentTypeError(
        f"there is no {text!r:.60}{near or ', only ' + ', '.join(_DTYPES)}"
    )


def _formatter(text: str) -> Callable[[Any], str]:
    """The function that ``--format`` names; a wrong one is found before anything is computed."""
    from .texts import formatter

    try:
        return formatter(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number_or_date(
    text: str,
) -> int | float | complex | Fraction | Decimal | np.datetime64 | np.timedelta64:
    """The number, date or span of time that an argument means."""
    is_date, span = _DATE.fullmatch(text.strip()), _SPAN.fullmatch(text.strip())
    if not (is_date or span):
        return _number(text)
    import numpy as np

    if span:
        unit: Any = span[2]
        return np.timedelta64(int(span[1]), unit)
    try:
        return np.datetime64(text.strip().removesuffix("Z"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r:.60} is not a date") from None


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
        if re.search(r"(?<!\d)_|_(?!\d)", text):  # Decimal takes them anywhere
            raise ValueError
        return Decimal(text)
    except ZeroDivisionError:
        problem = f"{text:.60} has a zero denominator"
    except (ArithmeticError, ValueError):
        problem = f"{text!r:.60} is not a number"
    raise argparse.ArgumentTypeError(problem)


def _of_hexadecimal(sign: str, whole: str, fraction: str, exponent: str) -> float | Fraction:
    """A hexadecimal number as C99 writes it, of any length; zero as a float, for its sign."""
    digits = int(f"{sign}{whole}{fraction}", 16)
    power = int(exponent or 0) - 4 * len(fraction)
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
