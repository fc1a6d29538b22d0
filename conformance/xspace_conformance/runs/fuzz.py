"""Calls with anything for arguments: only documented exceptions, soon, within bounded memory.

``python -m xspace_conformance fuzz --minutes 15 --seed 7`` draws calls (`strange`) until the time
is up; exit status 1 if a call did something that it should not. What may come of a call:

* a result, and where the oracle knows it, the right one;
* ``TypeError``, ``ValueError`` or ``OverflowError`` with a message of our own (of a range
  ``IndexError``, too); ``MemoryError`` for results that really are large;
* no warning, within 2 seconds of processor time, however many digits the arguments have (more
  for many complex elements, and the time to write a long result), and 2 GiB of memory.
"""

from __future__ import annotations

import argparse
import copy
import faulthandler
import math
import operator
import pickle
import random
import re
import resource
import signal
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

from ..cases.strange import Call, Made, calls
from ..truth.formats import DTYPES, format_of
from ..truth.oracle import Grid, Unrepresentable, exact
from ..truth.steps import StepGrid, Steps

SECONDS = 2.0
#: Seconds that an element may take: complex ones that are made exactly, and any of a long result.
COMPLEX, PLAIN = 5e-3, 2e-8
MEMORY = 2 << 30
LARGE = 1 << 25  # bytes of a result from which on a MemoryError is no surprise
LAST_RESORT = 300  # seconds after which a call that no signal reaches ends the process
BATCH = 300  # calls that hypothesis draws, and shrinks the failures of, at a time
LONGEST = 2000  # bits of arguments of which the oracle is asked
DOCUMENTED = (TypeError, ValueError, OverflowError)
#: Messages of Python and NumPy about something inside of the library, not about an argument.
ACCIDENTAL = re.compile(
    r"unsupported operand|has no attribute|not subscriptable|cannot unpack|is not iterable"
    r"|truth value of|not supported between|Exceeds the limit|unhashable|too large to convert"
    r"|NoneType' object|int too (large|big)|cannot be interpreted as an integer|is not callable"
    r"|cannot convert|could not convert|only (length-1|0-dim)|object too deep"
)


class Wrong(AssertionError):
    """A call that did what no call should do."""


class Hang(BaseException):
    """A call has used up its time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `Hang` after some seconds of processor time."""

    def stop(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    faulthandler.dump_traceback_later(LAST_RESORT, exit=True)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        faulthandler.cancel_dump_traceback_later()


def limit_memory(room: int = MEMORY) -> None:
    """Let the process have some more memory than it has now, but not all that there is."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except FileNotFoundError:
        print("without a limit of memory, which needs Linux")
        return
    used = pages * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + room, hard))


def made(value: Any) -> Any:
    """An argument as it is passed on."""
    return value.make() if isinstance(value, Made) else value


def run(call: Call) -> Any:
    """Do what a call says."""
    import xspace

    values = [made(value) for value in call.values]
    keywords = {name: made(value) for name, value in call.keywords.items()}
    then = [(STEPS.get(step, _method(step)), made(value)) for step, value in call.then]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = getattr(xspace, call.function)(*values, **keywords)
        for step, value in then:
            result = step(result, value)
            if not isinstance(result, xspace.LinRange | xspace.LogRange | xspace.GeomRange):
                break
    return result


def _method(name: str) -> Callable[[Any, Any], Any]:
    return lambda it, value: getattr(it, name)(*() if value is None else (value,))


def _first(it: Any, _: Any) -> Any:
    found = [value for value, _ in zip(it, range(5), strict=False)]
    if found != [it[i] for i in range(min(it.num, 5))]:
        raise Wrong("iteration gives other elements than indices")
    return found


def _same(it: Any, other: Any) -> Any:
    if it != other or hash(it) != hash(other) or repr(it) != repr(other):
        raise Wrong(f"{it!r} came back as {other!r}")
    return other


def _rebuilt(it: Any, _: Any) -> Any:
    import xspace

    names = {name: getattr(xspace, name) for name in xspace.__all__}
    return _same(it, eval(repr(it), names | {"Fraction": Fraction, "np": np}))


def _backwards(it: Any, _: Any) -> Any:
    if it[::-1][::-1] != it:
        raise Wrong("twice reversed is not the same")
    return it[::-1]


STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "first": _first,
    "rebuilt": _rebuilt,
    "pickled": lambda it, _: _same(copy.copy(it), pickle.loads(pickle.dumps(it))),
    "backwards": _backwards,
}


def check(call: Call) -> str:
    """Do what a call says and judge what came of it; say what it was."""
    try:
        return outcome(call)
    except Wrong as wrong:
        wrong.add_note(repr(call))
        raise


def outcome(call: Call) -> str:
    """Say what came of a call: a result, or the name of an exception that may come of it."""
    try:
        with time_limit(seconds := seconds_for(call)):
            result = run(call)
    except Hang:
        raise Wrong(f"more than {seconds:.1f} seconds") from None
    except MemoryError as error:
        if size_of(call) < LARGE:
            raise Wrong(f"MemoryError for {size_of(call)} bytes") from error
        return "MemoryError"
    except Exception as error:
        if isinstance(error, DOCUMENTED) or (isinstance(error, IndexError) and call.then):
            judge_error(error, call)
            return type(error).__name__
        if is_of_library(error, call):
            return f"the library's {type(error).__name__}"
        raise Wrong(f"{type(error).__name__}: {error}") from error
    judge(call, result)
    return "result"


def judge_error(error: Exception, call: Call) -> None:
    """Fail for a message that says nothing, or nothing about an argument."""
    text = str(error)
    if not text.strip():
        raise Wrong(f"{type(error).__name__} without a message") from error
    if ACCIDENTAL.search(text) and not is_of_library(error, call):
        raise Wrong(f"a message about something inside: {text}") from error


def is_of_library(error: Exception, call: Call) -> bool:
    """Say whether an error is one that the contract leaves to others: a library, or an argument.

    These are a device or a dtype that the library does not take, and what an argument's own
    methods raise.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, RuntimeError) and "device" in call.keywords:
        return True
    outside = "/xspace/" not in frames[-1].filename.replace("\\", "/")
    by_library = outside and any(name in call.keywords for name in ("device", "dtype", "xp"))
    return by_library or frames[-1].filename.endswith("strange.py")


def seconds_for(call: Call) -> float:
    """Return how long a call may take: long grids and complex ones take longer."""
    num = min(size_of(call), MEMORY) // 8
    kinds = (complex, np.complexfloating)
    is_complex = any(isinstance(x, kinds) for x in (*call.values, *call.keywords.values()))
    return SECONDS + COMPLEX * is_complex * min(num, 20_000) + PLAIN * num


def size_of(call: Call) -> int:
    """Return about how many bytes a result has, at least."""
    try:
        if call.function != "arange":
            return 8 * max(operator.index(call.values[2]), 0)
        if any(isinstance(x, Decimal) and abs(x.adjusted()) > 100_000 for x in call.values):
            return LARGE  # of as many digits as no computer holds; the library refuses it
        given = call.values if len(call.values) > 1 else (0, *call.values)
        start, stop, step = map(exact, (*given, 1)[:3])
        return 8 * max(int((stop - start) / step), 0)
    except (IndexError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return LARGE if call.function == "arange" else 400  # an `arange` may be one of dates


def judge(call: Call, result: Any) -> None:
    """Fail if a few elements of a grid of real scalars are not what the oracle says."""
    case = grid_and_dtype(call, result)
    if case is None:
        return
    grid, dtype = case
    if result.shape != (grid.num,):
        raise Wrong(f"shape {result.shape}")
    form = format_of(dtype)
    got = np.ascontiguousarray(result.astype(result.dtype.newbyteorder("="))).view(form.view)
    for index in sorted({0, 1, grid.num // 3, grid.num - 1} & set(range(grid.num))):
        try:
            wanted = grid.element(index, dtype) & ((1 << form.width) - 1)
        except Unrepresentable as error:
            raise Wrong(f"element {index} should not have fitted") from error
        found = int(got[index])
        if isinstance(result[index], np.floating) and np.isnan(result[index]):
            found = form.nan  # type: ignore[union-attr]
        if found != wanted:
            raise Wrong(f"element {index} has the bits {found:x}, wanted {wanted:x}")


def grid_and_dtype(call: Call, result: Any) -> tuple[Grid | StepGrid, str] | None:
    """Return the oracle's grid of a call, and the dtype of its result, where it has one."""
    if call.function.endswith("Range") or len(call.values) != 3:
        return None
    if not isinstance(result, np.ndarray) or result.dtype.name not in DTYPES:
        return None
    if call.function == "arange":
        return steps_and_dtype(call, result)
    *values, num = call.values
    endpoint, base = call.keywords.get("endpoint", True), call.keywords.get("base", 10.0)
    if not isinstance(endpoint, bool) or not isinstance(num, int):
        return None
    if not all(is_for_the_oracle(x) for x in (*values, base)):
        return None
    return Grid(call.function, *values, num, endpoint=endpoint, base=base), result.dtype.name


def steps_and_dtype(call: Call, result: Any) -> tuple[StepGrid, str] | None:
    """Return the same of an `arange` with all of its arguments."""
    if not all(map(is_for_the_oracle, call.values)):
        return None
    inclusive = call.keywords.get("inclusive", "left")
    return StepGrid(Steps("drawn", *call.values, inclusive=inclusive)), result.dtype.name


def is_for_the_oracle(value: Any) -> bool:
    """Say whether an argument is a real number of a plain kind, and not too long."""
    kinds = (int, float, Fraction, Decimal, np.floating, np.integer)
    plain = isinstance(value, kinds) and not isinstance(value, bool)
    return plain and not is_beyond_the_oracle(value)


def is_beyond_the_oracle(value: Any) -> bool:
    """Say whether a number is of a kind that the oracle does not read, or too long for it."""
    if isinstance(value, (np.longdouble, np.timedelta64)):
        return True
    if isinstance(value, Decimal) and (value.is_snan() or abs(value.adjusted()) > LONGEST):
        return True
    number = exact(value)
    if isinstance(number, float):
        return False
    return bool(number.numerator.bit_length() + number.denominator.bit_length() > LONGEST)


def draw(
    count: int, number: int, tally: Counter[str], seen: Counter[str], until: float = math.inf
) -> list[Wrong]:
    """Draw a batch of calls; what was wrong in it, once for each place that was not `seen`."""

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(call=calls())
    def batch(call: Call) -> None:
        if time.monotonic() > until:
            return
        try:
            tally[check(call)] += 1
        except Wrong as wrong:
            if (place := where(wrong)) not in seen:
                raise
            seen[place] += 1

    try:
        batch()
    except Wrong as error:
        return [error]
    except BaseExceptionGroup as group:
        return [error for error in group.exceptions if isinstance(error, Wrong)]
    except FlakyFailure:
        pass  # a time or a memory limit that was met once
    return []


def where(wrong: Wrong) -> str:
    """Return the place in the library that something wrong came from."""
    frames = traceback.extract_tb((wrong.__cause__ or wrong).__traceback__)
    inside = [f for f in frames if "/xspace/" in f.filename.replace("\\", "/")] or frames
    frame = inside[-1]
    name = frame.filename.rpartition("/xspace/")[2]
    return f"{name}:{frame.lineno} in {frame.name}: {frame.line}"


def warm_up() -> None:
    """Let tables be made before any time is taken."""
    import xspace

    for dtype in (*DTYPES, "complex128"):
        if dtype != "bfloat16":
            for num in (50, 3000):
                xspace.linspace(1, 100, num, dtype=dtype)
                xspace.logspace(0, 2, num, dtype=dtype)
                xspace.geomspace(np.array([1.0, 2.0]), 100, num, dtype=dtype)
                xspace.linspace(np.array([1.0, 2.0]), 100, num, dtype=dtype)
    for library in ("torch", "array_api_strict"):
        try:
            xspace.linspace(0, 1, 3, xp=__import__(library))
        except ImportError:
            print(f"without {library}, which is not installed")


def main(arguments: list[str] | None = None) -> int:
    """Draw until the time is up."""
    parser = argparse.ArgumentParser(prog="python -m xspace_conformance fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long (default: 5)")
    parser.add_argument("--batches", type=int, default=2**63, help=f"of {BATCH} calls, at most")
    parser.add_argument("--seed", type=int, help="an earlier run's seed (default: a new one)")
    options = parser.parse_args(arguments)
    first = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {first} (--seed {first} repeats it)", flush=True)
    warm_up()
    limit_memory()
    until = time.monotonic() + 60 * options.minutes
    tally: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    number = first
    while time.monotonic() < until and number - first < options.batches:
        for wrong in draw(BATCH, number, tally, seen, until):
            seen[place := where(wrong)] += 1
            print(f"\nbatch {number}: {wrong}\n  {place}\n  {wrong.__notes__[0]}", flush=True)
        number += 1
    print(f"\n{sum(tally.values())} calls in {number - first} batches; wrong: {len(seen)} kinds")
    print(", ".join(f"{count} {outcome}" for outcome, count in tally.most_common()))
    return 1 if seen else 0
