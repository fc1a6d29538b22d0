"""Array endpoints: what a batch is, its lanes as cases, hand-written hard lanes and random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..subjects.target import Target
from ..truth.answers import answer
from ..truth.case import Case, show
from ..truth.formats import FLOAT_FORMATS, INT_FORMATS, Bits
from .random_grids import FUNCTIONS, random_case

INF, NAN = float("inf"), float("nan")
Place = tuple[int, ...]


@dataclass(frozen=True)
class Ends:
    """An array argument: its values, each a number of `dtype`, in C order."""

    values: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: str = "float64"

    @classmethod
    def of(cls, nested: Any, dtype: str = "float64") -> Ends:
        """Make it of nested lists, rounding to the dtype."""
        with np.errstate(all="ignore"):
            host = np.array(nested, dtype=host_dtype(dtype))
        return cls(tuple(host.ravel().tolist()), host.shape, dtype)

    @property
    def host(self) -> np.ndarray[Any, Any]:
        """The values in host memory, in a dtype that NumPy has."""
        return np.array(self.values, dtype=host_dtype(self.dtype)).reshape(self.shape)

    def code(self, namespace: str, device: str | None) -> str:
        """Return source code of the array."""
        flat = ", ".join(show(value) for value in self.values)
        place = "" if device is None else f", device={device}"
        plain = f"{namespace}.asarray([{flat}], dtype={namespace}.{self.dtype}{place})"
        return plain if len(self.shape) == 1 else f"{namespace}.reshape({plain}, {self.shape})"


def host_dtype(name: str) -> str:
    """Name the dtype of NumPy that holds the values of a dtype."""
    return "float32" if name == "bfloat16" else name


@dataclass(frozen=True)
class Batch:
    """One call with arrays: as a `Case`, but that an end or the base may be `Ends`."""

    name: str
    function: str
    start: Any
    stop: Any
    num: int
    dtype: str = "float64"
    endpoint: bool = True
    base: Any = 10.0
    axis: int = 0

    @property
    def id(self) -> str:
        """Identify the batch in a test report."""
        inputs = "+".join(sorted({end.dtype for end in self.arrays}))
        return f"{self.function}-{self.name}-{inputs}-{self.dtype}"

    @property
    def arrays(self) -> list[Ends]:
        """The arguments that are arrays."""
        return [end for end in (self.start, self.stop, self.base) if isinstance(end, Ends)]

    def in_multiples(self, multiple: int) -> Batch | None:
        """Return nothing: lanes are divided by their own axes, which a batch has as they come."""
        return None

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What a target needs to have."""
        return (self.dtype, *(end.dtype for end in self.arrays))

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of the lanes."""
        return np.broadcast_shapes(*(end.shape for end in self.arrays))

    @property
    def result_shape(self) -> tuple[int, ...]:
        """The shape of the result."""
        place = self.axis % (len(self.shape) + 1)
        return (*self.shape[:place], self.num, *self.shape[place:])

    @cached_property
    def lanes(self) -> dict[Place, Case]:
        """Every lane as the scalar call that it has to equal."""
        hosts = {
            name: np.broadcast_to(end.host, self.shape)
            for name, end in self.arguments.items()
            if isinstance(end, Ends)
        }
        plain = {n: end for n, end in self.arguments.items() if n not in hosts}
        return {
            place: Case(
                f"{self.name}{list(place)}",
                self.function,
                num=self.num,
                dtype=self.dtype,
                endpoint=self.endpoint,
                **plain,
                **{name: host[place].item() for name, host in hosts.items()},
            )
            for place in np.ndindex(self.shape)
        }

    @property
    def arguments(self) -> dict[str, Any]:
        """The ends by name, and for ``logspace`` the base."""
        ends = {"start": self.start, "stop": self.stop}
        return ends | {"base": self.base} if self.function == "logspace" else ends

    def snippet(self, target: Target) -> str:
        """Return code that reproduces the call on a target."""
        space, device = target.namespace_code, target.device_code
        parts = [
            f"{name}={end.code(space, device) if isinstance(end, Ends) else show(end)}"
            for name, end in self.arguments.items()
        ]
        parts += [f"num={self.num}", f"dtype={space}.{self.dtype}", f"axis={self.axis}"]
        parts += [] if self.endpoint else ["endpoint=False"]
        return f"xspace.{self.function}({', '.join(parts)})"

    def inputs(self, target: Target) -> dict[str, Any]:
        """Return the ends and the base as a target takes them."""
        return {
            name: on_target(target, end) if isinstance(end, Ends) else end
            for name, end in self.arguments.items()
        }

    def call(self, target: Target, **ends: Any) -> Any:
        """Call the library: the one place in which the suite does so with arrays."""
        import xspace

        return getattr(xspace, self.function)(
            **ends,
            num=self.num,
            endpoint=self.endpoint,
            dtype=getattr(target.xp, self.dtype),
            axis=self.axis,
        )

    def bits(self, target: Target) -> Bits:
        """Return the bits as an array of lanes by samples, having checked everything else."""
        with target.scope():
            return self.read(target, self.call(target, **self.inputs(target)))

    def read(self, target: Target, array: Any) -> Bits:
        """Return an array's bits by lanes, having checked its type, shape, dtype and device."""
        target.check_array(array, self.dtype, self.result_shape, self.snippet(target))
        bits = np.moveaxis(target.unsigned(array, self.dtype), self.axis, -1)
        return bits.reshape(len(self.lanes), self.num)


def on_target(target: Target, end: Ends) -> Any:
    """Return an array of the target."""
    dtype = getattr(target.xp, end.dtype)
    return target.xp.asarray(end.host, dtype=dtype, **target.device_keyword)


# Hand-written lanes.


def spread(batch: Batch, *outputs: str) -> Iterator[Batch]:
    """Yield the batch in several dtypes, of float64 arrays and, rounded to them, of float32."""
    for output in outputs or ("float64", "float32", "float16"):
        yield replace(batch, dtype=output)
        yield replace(narrowed(batch), dtype=output)


def narrowed(batch: Batch, dtype: str = "float32") -> Batch:
    """Return the batch with its float64 arrays rounded to another dtype."""

    def narrow(end: Any) -> Any:
        wide = isinstance(end, Ends) and end.dtype == "float64"
        return Ends.of(end.host, dtype) if wide else end

    ends = {name: narrow(getattr(batch, name)) for name in ("start", "stop", "base")}
    return replace(batch, **ends)


def column(*values: Any) -> Ends:
    """Return an array of one column."""
    return Ends.of([[value] for value in values])


def row(*values: Any) -> Ends:
    """Return an array of one axis."""
    return Ends.of(values)


NASTY = (NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 23.0, 5e-324, -1e-310, 1e308, -1e308)
BASES = (10.0, 3.0, 2.0, 9.0, 0.25, 1.5, 7.3, 1 + 2.0**-52, 1 - 2.0**-53, 2.0**53 + 2, 1.0)
#: No sum of two floats is near enough.
MINUTE = Fraction(1, 3 * 10**310)


def hard_batches() -> Iterator[Batch]:
    """Yield hand-written batches."""
    nonzero = [value for value in NASTY if value]
    floats = [
        Batch("decimals", "linspace", column(0.1, 0.7, -3.3), row(2.5, 0.75, -0.1, 1e3), 33),
        Batch("decimals", "logspace", column(-3.1, 0.1, 2.0), row(4.7, 0.3, -1.0, 30.0), 33),
        Batch("decimals", "geomspace", column(0.1, 0.7, 3.3), row(2.5, 0.75, 1e-5, 1e30), 33),
        Batch("every-pair", "linspace", column(*NASTY), row(*NASTY), 6),
        Batch("every-pair", "logspace", column(*NASTY), row(*NASTY), 6),
        Batch("every-pair", "geomspace", column(*nonzero), row(*nonzero), 6),
        Batch("every-base", "logspace", column(0.0, -3.0, 0.5), 2, 6, base=row(*NASTY, *BASES)),
        Batch("every-base-open", "logspace", -4, 4, 8, endpoint=False, base=row(*NASTY, *BASES)),
        Batch("exact-powers", "logspace", 0, 60, 61, base=row(*BASES)),
        Batch("exact-roots", "logspace", column(-20.0, 0.0, 0.5), 20.5, 83, base=row(*BASES)),
        Batch("midpoints", "logspace", row(0.0, 20.0, 22.0), 40, 81, base=column(10.0, 3.0, 5.0)),
        Batch("exact-ratios", "geomspace", column(1.0, 3.0, 7.0), row(2.0**20, 3.0**16, 1e22), 41),
        Batch("midpoints", "linspace", column(1.0, 1 + 2.0**-52), row(1 + 2.0**-50, 2.0), 33),
        Batch("cancellation", "linspace", column(-1e16, -1.0, -0.1), row(1e16, 1.0, 0.1), 31),
        Batch("subnormals", "linspace", column(-1e-310, 5e-324, 1e-45), row(1e-320, 1e-40), 23),
        Batch("subnormals", "logspace", column(-320.0, -44.0, -7.0), row(-310.0, -37.0, -4.0), 23),
        Batch("subnormals", "geomspace", column(5e-324, 1e-45), row(1e-310, 1e-38, 1e-3), 23),
        Batch("overflow", "linspace", -(10**400), row(1e308, 65504.0, 3.4e38), 9),
        Batch("overflow", "logspace", row(300.0, 30.0, 4.0), column(320.0, 40.0, 5.0), 41),
        Batch("overflow", "geomspace", column(1.0, 1e300), 10**320, 41),
        Batch("near-one", "logspace", column(-1e-15, 1e-17), row(1e-15, 1e-300), 17),
        Batch("close", "geomspace", column(1.0, 0.1), row(1 + 2.0**-23, 0.1 + 2.0**-30), 17),
        Batch("either-sign", "geomspace", row(1.0, -1.0, -3.0, 2.0), row(8.0, -8.0, -0.1, -2.0), 9),
        Batch("exact-scalars", "linspace", row(0.0, 0.1), Fraction(1, 3), 17),
        Batch("exact-scalars", "logspace", Fraction(1, 3), row(1.0, 2.0), 17, base=8),
        Batch("huge-base", "logspace", row(-0.9, -0.3, 0.1, 0.7), 0.3, 9, base=10**400),
        Batch("tiny-base", "logspace", row(-0.9, -0.3, 0.1, 0.7), 0.3, 9, base=MINUTE),
        Batch(
            "tiny-base", "logspace", row(-0.9, -0.3, 0.1, 0.7), 0.3, 9, base=1 / Fraction(10**400)
        ),
        Batch("exact-scalars", "geomspace", Fraction(1, 3), row(27.0, 0.3), 17),
        Batch("single", "logspace", column(0.1, 400.0), row(1.0, 2.0), 1, base=3),
        Batch("open", "linspace", column(0.1, 7.0), row(0.7, -0.7), 1, endpoint=False),
        Batch("no-samples", "geomspace", column(0.1, 7.0), row(0.7, 0.7), 0),
        Batch("no-lanes", "logspace", Ends.of(np.zeros((0, 2))), row(0.7, -0.7), 5),
        Batch("rank-three", "linspace", Ends.of([[[0.1]], [[3.0]]]), column(1.0, 0.3), 9, axis=2),
        Batch("last-axis", "geomspace", column(0.1, 3.0), row(1.0, 0.3, 7.0), 50, axis=-1),
        Batch("axis-of-base", "logspace", 0.1, 2, 9, base=column(1.5, 2.0, 10.0), axis=1),
        Batch("zero", "geomspace", row(1.0, 0.0, 3.0), 5, 4),
        Batch("long", "logspace", row(-3.1, 0.2), row(4.7, 5.1), 5000),
        Batch("long", "geomspace", row(0.3, 20.3), row(20.3, 1e-3), 5000),
        Batch("long", "linspace", row(0.1, -1.0), row(0.7, 3.14), 5000),
    ]
    for batch in floats:
        yield from spread(batch)
    yield from other_dtypes()


def other_dtypes() -> Iterator[Batch]:
    """Yield batches of 16-bit and integer arrays, and with integer output."""
    halves = [[0.5, 1.5], [3.0, -0.25]]
    for name in ("float16", "bfloat16"):
        ends = Ends.of(halves, name)
        for output in ("float64", "float32", "float16", "bfloat16"):
            yield Batch("16-bit", "linspace", ends, 2, 17, dtype=output)
            yield Batch("16-bit", "logspace", -1, ends, 17, dtype=output, base=3)
            yield Batch("16-bit", "geomspace", Ends.of([0.5, 3.0], name), 70, 17, dtype=output)
    for name, form in INT_FORMATS.items():
        ends = Ends.of([[1], [3], [form.high]], name)
        for output in ("float64", "float32"):
            yield Batch("integers", "linspace", ends, Ends.of([5, 100], name), 17, dtype=output)
            yield Batch("integers", "logspace", -2, Ends.of([5, 100], name), 17, dtype=output)
            yield Batch("integers", "geomspace", ends, Ends.of([5, 100], name), 17, dtype=output)
        yield Batch("integers", "linspace", ends, Ends.of([5, 100], name), 17, dtype=name)
        yield Batch("integers", "geomspace", ends, Ends.of([5, 100], name), 17, dtype=name)
        yield Batch("integers", "logspace", 0, 3, 7, dtype=name, base=Ends.of([2, 4, 5], name))
        yield Batch("does-not-fit", "linspace", ends, form.high + 1, 5, dtype=name)
        for narrow in ("float64", "float32"):
            tall = Ends.of([1.0, 2.0, 21.0], narrow)
            yield Batch("does-not-fit", "logspace", 0, tall, 9, dtype=name)
            mixed = Ends.of([1.0, NAN], narrow)
            yield Batch("not-a-number", "linspace", mixed, 5, 4, dtype=name)
            yield Batch("fits", "logspace", 0, Ends.of([1.0, 2.0, 0.3], narrow), 9, dtype=name)


# Random lanes.


def random_batch(
    rng: random.Random,
    dtype: str,
    function: str | None = None,
    inputs: tuple[str, ...] = ("float64", "float32"),
    largest: int = 200,
    sides: int = 4,
) -> Batch:
    """Draw one call with arrays.

    Parameters
    ----------
    rng : random.Random
        Where the numbers come from.
    dtype : str
        The dtype to draw for.
    function : str, optional
        The function; default any.
    inputs : tuple of str
        The floating dtypes that arrays may have.
    largest : int
        The largest number of samples.
    sides : int
        The most lanes along an axis; of three axes, it is 4.
    """
    function = function or rng.choice(FUNCTIONS)
    rank = rng.choice((1, 1, 2, 2, 3))
    shape = tuple(rng.randint(1, sides if rank < 3 else 4) for _ in range(rank))
    source = rng.choice(inputs)
    cases = {place: random_lane(rng, dtype, function, source) for place in np.ndindex(shape)}
    # Integers have to fit, and a lane of mixed ends need not: there all arrays have all axes.
    whole = dtype in INT_FORMATS or rng.random() < 0.5
    names = ("start", "stop", "base") if function == "logspace" else ("start", "stop")
    ends: dict[str, Any] = {}
    for name in names:
        lanes = np.empty(shape, object)
        for place, case in cases.items():
            lanes[place] = getattr(case, name)
        ends[name] = _some_axes(rng, lanes, source, whole=whole)
    if not any(isinstance(end, Ends) for end in ends.values()):
        ends["start"] = Ends.of([ends["start"]], source)
    rank = max(len(end.shape) for end in ends.values() if isinstance(end, Ends))
    return Batch(
        "random",
        function,
        num=_random_num(rng, largest),
        dtype=dtype,
        endpoint=rng.random() < 0.75,
        axis=rng.randint(-rank - 1, rank),
        **ends,
    )


def _random_num(rng: random.Random, largest: int) -> int:
    return rng.randint(0, 4) if rng.random() < 0.1 else round(largest ** rng.uniform(0.2, 1))


def _some_axes(rng: random.Random, lanes: np.ndarray[Any, Any], source: str, *, whole: bool) -> Any:
    """Keep the first place along some axes, or the very first alone, as an exact scalar."""
    if not whole:
        kind = rng.random()
        if kind < 0.2:
            return lanes.flat[0]
        lanes = lanes[tuple(slice(0, rng.choice((1, None))) for _ in lanes.shape)]
        if kind < 0.6:
            while lanes.ndim > 1 and lanes.shape[0] == 1:
                lanes = lanes[0]
    return Ends.of(lanes, source)


def random_lane(rng: random.Random, dtype: str, function: str, source: str) -> Case:
    """Draw the ends of a lane as numbers of the arrays' dtype."""
    while True:
        case = random_case(rng, dtype, function, largest=200)
        case = replace(case, indices=None, num=5, **_as_numbers(case, source))
        if dtype in FLOAT_FORMATS:
            if rng.random() < 0.05:
                special = rng.choice(NASTY)
                case = replace(case, start=special if special or function != "geomspace" else 1.0)
            return case
        if answer(case).error is None or rng.random() < 0.003:
            return case


def _as_numbers(case: Case, source: str) -> dict[str, Any]:
    """Round the ends and the base to numbers of a dtype that are not zero where that is wrong."""
    rounded = {}
    for name in ("start", "stop", "base"):
        value = getattr(case, name)
        try:
            with np.errstate(all="ignore"):
                number = float(np.array(float(value), source))
        except OverflowError:  # of a fraction beyond all floats
            number = 1.0
        if number == 0 and case.function == "geomspace" and name != "base":
            number = 1.0
        rounded[name] = number
    return rounded
