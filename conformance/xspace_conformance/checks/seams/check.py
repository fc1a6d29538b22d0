"""Seams: grids where a library's own machinery meets them, compiled, batched, differentiated.

Four tables make the checks. A **subject** is what has the functions: the library under test in a
namespace, or a drop-in module. A **call** is one of its functions with two ends. **Ends** are how
these are given: as Python's numbers, NumPy's, or the library's own, of some dtype. A **transform**
is a way in which the library calls a function that it is given, and says what of the result has to
be as without it. All combinations that make sense are a check each, too many for every day:
`covering` chooses some hundred.

The ends and transforms of a library are in a module of its own, ``<library>.py`` here; another
library needs another such module, and nothing else. It has ``NATIVE``, the namespace that the
drop-in module is for, ``NAMES`` for the code of ends, ``ENDS`` and ``TRANSFORMS``. If need be,
``DTYPES`` is where dtypes are, ``DROPIN_LACKS`` what the drop-in's signatures cannot say,
``DROPIN_DIFFERENTIATES`` whether its results depend on the ends, and ``DROPIN_BY_LANES`` what
calls it lane by lane if it takes no lanes.
"""

from __future__ import annotations

import importlib
import inspect
import random
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ...subjects.target import Target
from ...truth.answers import answer
from ...truth.case import Case
from ...truth.complex_oracle import PARTS, complex_answer
from ...truth.formats import FLOAT_FORMATS, format_of
from ...truth.slopes import BOUND, exact_slopes, off_by
from ...truth.steps import Steps
from ..compare import differing, report
from ..facts import facts_of, host, shown

Function = Callable[[Any, Any], Any]
NUM = 5
#: The samples whose derivatives a way gives that takes them one by one.
SOME = (0, 3)

#: What of a result is as it was, if a transform does not say otherwise.
ALL_FACTS = ("type", "dtype", "shape", "memory", "device", "weak type", "committed", "gradient")
#: What is known of a result without elements.
ABSTRACT = ("dtype", "shape", "memory")


@dataclass(frozen=True)
class Ends:
    """How the two ends of a call are given.

    Parameters
    ----------
    name : str
        For reports.
    start, stop : str
        Their code, in the names of the library's module of seams. They are such that no format
        rounds them: what a library does to numbers on their way in, is the same number.
    """

    name: str
    start: str
    stop: str
    names: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def make(self) -> tuple[Any, Any]:
        """Return the ends, new ones at each call."""
        return eval(self.start, dict(self.names)), eval(self.stop, dict(self.names))

    @cached_property
    def values(self) -> tuple[Any, Any]:
        """The exact numbers, or lists of them."""
        return tuple(map(_values, self.make()))  # type: ignore[return-value]

    @cached_property
    def is_complex(self) -> bool:
        """Whether an end is of a complex type."""
        return any(isinstance(v, complex) for v in map(_first, self.values))

    @cached_property
    def has_lanes(self) -> bool:
        """Whether an end has dimensions."""
        return any(isinstance(value, list) for value in self.values)

    @cached_property
    def are_numbers(self) -> bool:
        """Whether neither end says what library it is of."""
        return not any(self.are_arrays)

    @cached_property
    def are_arrays(self) -> tuple[bool, bool]:
        """Which of the ends are arrays of the library."""
        return tuple(  # type: ignore[return-value]
            hasattr(end, "dtype") and not isinstance(end, np.generic) for end in self.make()
        )


def _values(end: Any) -> Any:
    """Return the exact numbers of an end."""
    if isinstance(end, (int, float, complex, Fraction, Decimal)):
        return end.item() if isinstance(end, np.generic) else end
    array = host(end)
    assert array is not None
    wide = np.complex128 if array.dtype.kind == "c" else np.float64
    return array.astype(wide).tolist()


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


@dataclass(frozen=True)
class Call:
    """A function with two ends, ``start`` and ``stop``.

    Parameters
    ----------
    code : str
        The call, without the name of the module.
    case : callable
        The case of the exact numbers ``start`` and ``stop``.
    axis : int
        Along which the samples lie, where there are lanes.
    takes : str
        ``any`` ends, ``real`` ones, or real ``scalars``.
    is_fixed : bool
        Whether the shape of the result depends on the ends, so that they cannot be traced.
    """

    code: str
    case: Callable[[Any, Any], Case | Steps]
    axis: int = 0
    takes: str = "any"
    is_fixed: bool = False

    @property
    def function(self) -> str:
        """The name of the function, or of the range."""
        return self.code.partition("(")[0]

    def fits(self, ends: Ends) -> bool:
        """Say whether the call can be made with ends."""
        if self.takes == "any":
            return True
        return not ends.is_complex and (self.takes == "real" or not ends.has_lanes)


def _case(function: str, **more: Any) -> Callable[[Any, Any], Case]:
    return lambda start, stop: Case("seams", function, start, stop, NUM, **more)


def _steps(step: Any) -> Callable[[Any, Any], Steps]:
    return lambda start, stop: Steps("seams", start, stop, step)


LINSPACE = _case("linspace")
CALLS = (
    Call("linspace(start, stop, 5)", LINSPACE),
    Call("linspace(start, stop, 5, endpoint=False)", _case("linspace", endpoint=False)),
    Call("linspace(start, stop, 5, retstep=True)", LINSPACE),
    Call("linspace(start, stop, 5, axis=-1)", LINSPACE, axis=-1),
    Call("linspace(start, stop, 5, dtype=dtypes.float16)", LINSPACE, takes="real"),
    Call("linspace(start, stop, 5, dtype=dtypes.int32)", LINSPACE, takes="real"),
    Call("linspace(start, stop, 5, dtype=dtypes.complex64)", LINSPACE),
    Call("logspace(start, stop, 5, base=2.5)", _case("logspace", base=2.5)),
    Call(
        "logspace(0.5, start, 5, base=stop)",
        lambda start, stop: Case("seams", "logspace", 0.5, start, NUM, base=stop),
    ),
    Call("geomspace(start, stop, 5)", _case("geomspace")),
    Call("geomspace(start, stop, 5, dtype=dtypes.float16)", _case("geomspace"), takes="real"),
    Call("arange(stop)", lambda start, stop: Steps("", 0, stop, 1), takes="scalars", is_fixed=True),
    Call("arange(start, stop)", _steps(1), takes="scalars", is_fixed=True),
    Call("arange(start, stop, 0.5)", _steps(0.5), takes="scalars", is_fixed=True),
    Call("arange(4, dtype=dtypes.complex64)", lambda a, b: Steps("", 0, 4, 1), takes="scalars"),
)
#: Ranges take numbers alone, and are of a subject that is no drop-in module.
RANGES = tuple(
    Call(f"{kind}.to_array(xp=xp)", case, takes="scalars", is_fixed=True)
    for kind, case in (
        ("LinRange(start, stop, 5)", LINSPACE),
        ("LogRange(start, stop, 5)", _case("logspace")),
        ("GeomRange(start, stop, 5)", _case("geomspace")),
        ("ArithRange(start, stop, 0.5)", _steps(0.5)),
    )
)


@dataclass(frozen=True)
class Transform:
    """A way in which a library calls a function.

    Parameters
    ----------
    apply : callable
        What takes a function of two ends, and both ends, and calls it so; for derivatives it also
        takes the place of the end. Its name is that of the transform, its source goes into reports.
    traces : bool
        Whether the ends, too, are what the library makes of them: traced, batched, abstract.
    keeps : tuple of str
        The facts of the result that are as without the transform (`facts.FACTS`).
    has_elements : bool
        Whether there are any; if so, their bits are as without the transform.
    slopes_of : int, optional
        The result is the derivatives by this end (0 or 1) of all samples, or of `SOME`; the ends
        are real scalars.
    takes : callable, optional
        What says which ends it takes, and which calls.
    """

    apply: Callable[..., Any]
    traces: bool = False
    keeps: tuple[str, ...] = ALL_FACTS
    has_elements: bool = True
    slopes_of: int | None = None
    takes: Callable[[Ends, Call], bool] = lambda ends, call: True

    @classmethod
    def slopes(
        cls, *ways: Callable[..., Any], takes: Callable[[Any], bool] = lambda end: True
    ) -> tuple[Transform, ...]:
        """Return transforms that give derivatives, by each end if it is one that they take."""
        return tuple(
            cls(
                way,
                traces=True,
                slopes_of=place,
                takes=lambda ends, call, place=place: takes(ends.make()[place]),  # type: ignore[misc]
            )
            for way in ways
            for place in (0, 1)
        )

    def __call__(self, function: Function, ends: tuple[Any, Any]) -> Any:
        """Apply it."""
        place = () if self.slopes_of is None else (self.slopes_of,)
        return self.apply(function, ends, *place)

    @property
    def name(self) -> str:
        """Its name."""
        end = {None: "", 0: "-by-start", 1: "-by-stop"}[self.slopes_of]
        return self.apply.__name__.replace("_", "-") + end

    def fits(self, call: Call, ends: Ends) -> bool:
        """Say whether it can be applied."""
        if self.traces and call.is_fixed:
            return False
        if self.slopes_of is None:
            return self.takes(ends, call)
        is_one = not call.is_fixed and "retstep" not in call.code and "dtype" not in call.code
        return is_one and not ends.is_complex and not ends.has_lanes and self.takes(ends, call)


@dataclass(frozen=True)
class Subject:
    """What has the functions.

    Parameters
    ----------
    target : Target
        The library that they are for.
    module : module
        What has them.
    code : str
        The name by which reports call the module.
    calls : tuple of Call
        What it can be asked for.
    native : module, optional
        What the module is put in the place of, and has to resemble.
    differentiates : bool
        Whether the results depend on the ends.
    """

    target: Target
    module: Any
    code: str
    calls: tuple[Call, ...]
    native: Any = None
    differentiates: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.target.name}-{self.code}"

    def function(self, call: Call, ends: Ends, *, native: bool = False) -> Function:
        """Return the function of two ends that a transform is given."""
        names = {
            "module": self.native if native else self.module,
            "xp": self.target.xp,
            "dtypes": getattr(seams_of(library_of(self.target)), "DTYPES", self.target.xp),
        }
        made: Function = eval(f"lambda start, stop: module.{self._code(call, ends)}", names)
        return made

    def _code(self, call: Call, ends: Ends) -> str:
        """Return the call; xspace is told the namespace where the ends do not say it."""
        told = self.native is not None or "xp=" in call.code
        arange = call.function == "arange"
        is_open = not told and (ends.are_numbers or arange)
        return f"{call.code[:-1]}, xp=xp)" if is_open else call.code


@dataclass(frozen=True)
class Check:
    """One combination."""

    subject: Subject
    transform: Transform
    call: Call
    ends: Ends

    @property
    def id(self) -> str:
        """Identify it in a test report."""
        return f"{self.subject.name}-{self.transform.name}-{self.ends.name}-{self.call.code}"

    def run(self) -> None:
        """Fail, with a program that shows it, unless the result is what it has to be."""
        with self.subject.target.scope():
            message = self.complaint()
        assert message is None, f"{message}\n{textwrap.indent(self.snippet, '    ')}"

    @property
    def snippet(self) -> str:
        """A program that shows the result."""
        source = textwrap.dedent(inspect.getsource(self.transform.apply))
        code = self.subject._code(self.call, self.ends)
        place = "" if self.transform.slopes_of is None else f", {self.transform.slopes_of}"
        ends = f"({self.ends.start}, {self.ends.stop})"
        return (
            f"{source}\n"
            f"f = lambda start, stop: {self.subject.code}.{code}\n"
            f"{self.transform.apply.__name__}(f, {ends}{place})"
        )

    def complaint(self) -> str | None:
        """Return what is wrong, if anything is."""
        function = self.subject.function(self.call, self.ends)
        try:
            got = self.transform(function, self.ends.make())
        except Exception as error:
            if self._may_raise():
                return None
            return f"raised {type(error).__name__}: {shown(error)}"
        if self.transform.slopes_of is not None:
            return self._wrong_slopes(got, function)
        return self._unlike_eager(got, function) or self._unlike_native(got)

    def _may_raise(self) -> bool:
        """Say whether the library's own function does, too; xspace may not."""
        return self.subject.native is not None and self._native() is None

    def _native(self) -> Any:
        """Return what the library's own function gives; None if it raises."""
        function = self.subject.function(self.call, self.ends, native=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)  # half of it is lost
                return self.transform(function, self.ends.make())
        except Exception:
            return None

    def _is_model(self, native: Any) -> bool:
        """Say whether the library's own result is numbers, and complex where an end is."""
        name = _dtype_name(native) if hasattr(native, "dtype") else ""
        lost = self.ends.is_complex and "dtype" not in self.call.code and name not in PARTS
        return name != "object" and not (name and lost)

    def _unlike_eager(self, got: Any, function: Function) -> str | None:
        """Compare with the plain call, which has to be what the oracle says."""
        eager = self._eager(function)
        parts = zip(_leaves(got), _leaves(eager), ("", "step: "), strict=False)
        if len(_leaves(got)) != len(_leaves(eager)):
            return f"{len(_leaves(got))} results for {len(_leaves(eager))}"
        for one, plain, prefix in parts:
            message = self._unlike(one, plain)
            if message is not None:
                return prefix + message
        if not self.transform.has_elements:
            return None
        return self._wrong_elements(_leaves(eager)[0])

    def _eager(self, function: Function) -> Any:
        """Return the plain call, made lane by lane where a drop-in module takes numbers only."""
        if self._by_lanes is None:
            return function(*self.ends.make())
        return self._by_lanes(function, self.ends.make())

    @property
    def _by_lanes(self) -> Callable[[Function, tuple[Any, Any]], Any] | None:
        """What calls a function lane by lane, if the subject's take no lanes."""
        if self.subject.native is None or not self.ends.has_lanes:
            return None
        return getattr(seams_of(library_of(self.subject.target)), "DROPIN_BY_LANES", None)

    def _unlike(self, got: Any, plain: Any) -> str | None:
        facts, wanted = facts_of(got), facts_of(plain)
        is_array = "dtype" in wanted  # or a number of Python's
        for fact in self.transform.keeps if is_array else ():
            if fact in wanted and facts.get(fact) != wanted[fact]:
                return f"{fact}: got {facts.get(fact)}, without the transform {wanted[fact]}"
        if not self.transform.has_elements:
            return None
        ours, theirs = host(got), host(plain)
        if ours is None or theirs is None:
            return f"no elements: got {shown(got)}, without the transform {shown(plain)}"
        if not is_array:
            ours = ours.astype(theirs.dtype)
        if ours.tobytes() != theirs.tobytes():
            return f"elements: got {shown(got)}, without the transform {shown(plain)}"
        return None

    def _unlike_native(self, got: Any) -> str | None:
        """Compare a drop-in module with what it is put in the place of, elements apart."""
        theirs = None if self.subject.native is None else self._native()
        if theirs is None:
            return None
        if self._by_lanes is not None:
            native = self.subject.function(self.call, self.ends, native=True)
            theirs = self._by_lanes(native, self.ends.make())
        for one, native, prefix in zip(_leaves(got), _leaves(theirs), ("", "step: "), strict=False):
            facts, wanted = facts_of(one), facts_of(native)
            asked = self.transform.keeps if self._is_model(native) else ()
            for fact, value in wanted.items():
                if fact in asked and facts.get(fact) != value:
                    return f"{prefix}{fact}: got {facts.get(fact)}, the library's own has {value}"
        return None

    def _wrong_elements(self, eager: Any) -> str | None:
        """Compare the plain call with the oracle."""
        name = _dtype_name(eager)
        array = host(eager)
        assert array is not None
        if self.ends.has_lanes:
            array = np.moveaxis(array, self.call.axis, 0)
        lanes = array.reshape(len(array), -1).T
        for start, stop, lane in zip(*self._lanes(len(lanes)), lanes, strict=True):
            case = replace(self.call.case(start, stop), dtype=name)
            for got, wanted, form in _bits(case, lane, name):
                judged = replace(case, dtype=form)
                if len(got) != len(wanted) or differing(got, wanted, form).size:
                    text = report(judged, np.arange(len(got)), got, wanted, "the plain call")
                    return f"without the transform, too: {text}"
        return None

    def _lanes(self, count: int) -> tuple[list[Any], list[Any]]:
        return tuple(  # type: ignore[return-value]
            value if isinstance(value, list) else [value] * count for value in self.ends.values
        )

    def _wrong_slopes(self, got: Any, function: Function) -> str | None:
        """Compare derivatives with the exact ones; those of short formats go by float32."""
        array = host(got)
        if array is None or array.shape not in ((NUM,), (len(SOME),)):
            return f"wanted {NUM} or {len(SOME)} derivatives, got {shown(got)}"
        samples = range(NUM) if len(array) == NUM else SOME
        grid = FLOAT_FORMATS[_dtype_name(self._eager(function))]
        wide = max(grid, FLOAT_FORMATS["float32"], key=lambda form: form.precision)
        form = min(wide, FLOAT_FORMATS[_dtype_name(got)], key=lambda form: form.precision)
        case = self.call.case(*self.ends.values)
        assert isinstance(case, Case)
        given = {"start": "start", "stop": "stop"}
        if "base=stop" in self.call.code:
            given = {"start": "stop", "stop": "base"}
        name = given[("start", "stop")[self.transform.slopes_of or 0]]
        exact = exact_slopes(case, name)
        for index, number in zip(samples, array, strict=True):
            slope = exact[index]
            error = off_by(float(number), slope, form, flushes=self.subject.target.flushes)
            if error > BOUND:
                return (
                    f"derivative {index} by the {name}: got {number!r}, exact is "
                    f"{slope:.20g}: off by {error:.3g} ulp"
                )
        return None


def _leaves(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _dtype_name(array: Any) -> str:
    name: str = str(array.dtype).rpartition(".")[2]
    return name


def _bits(case: Case | Steps, lane: Any, name: str) -> Iterator[tuple[Any, Any, str]]:
    """Yield the bits of a lane and the right ones, for complex numbers of each part."""
    part = PARTS.get(name, name)
    if name in PARTS and isinstance(case, Case):
        wanted = complex_answer(case)
        halves = (lane.real, lane.imag)
        for k, half in enumerate(halves):
            view = format_of(part).view
            yield np.ascontiguousarray(half).view(view), wanted[:, k], part
        return
    if name in PARTS:  # a range, which is real
        view = format_of(part).view
        yield np.ascontiguousarray(lane.imag).view(view), np.zeros(len(lane), view), part
        lane, case = lane.real, replace(case, dtype=part)
    right = answer(case).bits
    assert right is not None
    if part == "bfloat16":  # its elements come in a wider format
        lane = (lane.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    yield np.ascontiguousarray(lane).view(format_of(part).view), right, part


# Which there are, and which are chosen.


def subjects(target: Target) -> Iterator[Subject]:
    """Yield the library under test in a target's namespace, and the drop-in module."""
    import xspace

    library = library_of(target)
    yield Subject(target, xspace, "xspace", CALLS + RANGES)
    table = seams_of(library)
    if table is None:
        return
    dropin = importlib.import_module(f"xspace.dropin.{library}")
    lacks = getattr(table, "DROPIN_LACKS", ())
    calls = tuple(call for call in CALLS if not any(word in call.code for word in lacks))
    yield Subject(target, dropin, f"xspace.dropin.{library}", calls, table.NATIVE,
                  differentiates=getattr(table, "DROPIN_DIFFERENTIATES", True))  # fmt: skip


def library_of(target: Target) -> str:
    """Return the name of a target's library."""
    return target.name.partition(":")[0].partition("-")[0]


def seams_of(library: str) -> Any:
    """Return the module with a library's ends and transforms, if there is one."""
    if not Path(__file__).with_name(f"{library}.py").is_file():
        return None
    return importlib.import_module(f".{library}", __package__)


def checks(target: Target) -> list[Check]:
    """Return every check of a target."""
    table = seams_of(library_of(target))
    if table is None:
        return []
    names = {"np": np, "Fraction": Fraction, "Decimal": Decimal, **table.NAMES}
    with target.scope():  # what ends are is asked of the library, too
        given = [replace(one, names=names) for one in (*NUMBERS, *table.ENDS)]
        given = [one for one in given if _is_possible(one, target)]
        return [
            Check(subject, transform, call, ends)
            for subject in subjects(target)
            for transform, call, ends in product(table.TRANSFORMS, subject.calls, given)
            if (transform.slopes_of is None or subject.differentiates)
            and (call not in RANGES or ends.are_numbers)
            and call.fits(ends)
            and transform.fits(call, ends)
        ]


def _is_possible(ends: Ends, target: Target) -> bool:
    """Say whether a target has the dtype of ends: JAX without 64-bit types has some not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = ends.make()
    except Exception:
        return False
    names = {_dtype_name(end) for end in made if hasattr(end, "dtype") and end.dtype is not None}
    return "float64" not in names or target.has("float64") or ends.are_numbers


#: Numbers, which every library takes.
NUMBERS = (
    Ends("integers", "1", "4"),
    Ends("floats", "0.5", "3.0"),
    Ends("numpy-numbers", "np.float64(0.5)", "np.float32(3)"),
    Ends("numpy-short", "np.float16(0.5)", "np.float16(3)"),
    Ends("exact-numbers", "Fraction(1, 2)", "Decimal(3)"),
    Ends("complex", "1", "3+4j"),
    Ends("numpy-complex", "np.complex64(1+2j)", "3.0"),
)


#: Programs of powers take compilers longest; so what any function shows is shown by others.
COST = {"linspace": 1, "geomspace": 2, "logspace": 3}


def covering(found: Iterable[Check]) -> list[Check]:
    """Choose checks of all targets, in which what can go wrong alone occurs at least once.

    These are each transform of a library with all ends, all calls and each module, and, unless
    it traces the ends, with all functions of each; and without any transform, all calls with all
    ends. So what `xspace` and its drop-in modules have in common, and JAX with and without 64-bit
    types, is shared among them; transforms that trace the ends share all ends and calls, and those
    that take derivatives do: a program of each takes a compiler seconds.
    """
    remaining = list(found)
    random.Random(1).shuffle(remaining)
    remaining.sort(key=lambda check: COST.get(check.call.function, 0))
    chosen = []
    covered: set[tuple[str, ...]] = set()
    for least in (4, 3, 2, 1):
        for check in remaining:
            new = _pairs(check) - covered
            if len(new) >= least:
                covered |= new
                chosen.append(check)
    return chosen


def _pairs(check: Check) -> set[tuple[str, ...]]:
    """Return what a check is chosen for."""
    name, ends, call = check.transform.apply.__name__, check.ends.name, check.call
    library, module = library_of(check.subject.target), check.subject.code
    if name == "eager":
        return {(library, module, call.code, ends)}
    group = name
    if check.transform.traces:
        group = "traced" if check.transform.slopes_of is None else "slopes"
    return {
        (library, check.transform.name),
        (library, group, "ends", ends),
        (library, group, "call", call.code),
        (library, module, name, "" if check.transform.traces else call.function),
    }
