"""Traced calls against eager ones, bit for bit: one compiled program for thousands of lanes.

The eager call is judged by the oracle elsewhere; here the two have to agree. A compiler takes
seconds for a program and next to nothing for a lane, so a run draws few programs and many lanes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ..cases.lanes import Batch, Ends, random_lane
from ..cases.random_grids import FUNCTIONS
from ..subjects.target import Target
from ..truth.answers import answer
from ..truth.case import Case
from ..truth.formats import INT_FORMATS
from .compare import differing, report

PROGRAMS = 12  # of a run: each function in turn
LANES = 1000  # of a batch
SAMPLES = (2, 5, 9, 16)


@dataclass(frozen=True)
class Program:
    """What a compiler is given: a call in which everything but the arrays' elements is fixed.

    Parameters
    ----------
    template : Batch
        The call; its arrays are to be replaced.
    names : tuple of str
        The arguments that are arrays.
    source : str
        The arrays' dtype.
    """

    template: Batch
    names: tuple[str, ...]
    source: str

    @classmethod
    def draw(
        cls, rng: random.Random, dtype: str, function: str, inputs: tuple[str, ...]
    ) -> Program:
        """Draw one; three in ten have a number beside the arrays."""
        source = rng.choice(inputs)
        names = ["start", "stop", "base"] if function == "logspace" else ["start", "stop"]
        lane = _lane(rng, dtype, function, source)
        template = Batch(
            "traced",
            function,
            lane.start,
            lane.stop,
            rng.choice(SAMPLES),
            dtype=dtype,
            endpoint=rng.random() < 0.75,
            base=lane.base,
            axis=rng.choice((0, 1)),
        )
        # A number that has to fit, with arrays drawn beside others, would not in an integer dtype.
        if dtype not in INT_FORMATS and rng.random() < 0.3:
            names.remove(rng.choice(names))
        return cls(template, tuple(names), source)

    def batch(self, rng: random.Random, lanes: int = LANES) -> Batch:
        """Draw lanes for it."""
        template = self.template
        drawn = [_lane(rng, template.dtype, template.function, self.source) for _ in range(lanes)]
        arrays = {name: [getattr(lane, name) for lane in drawn] for name in self.names}
        ends: dict[str, Any] = {n: Ends.of(row, self.source) for n, row in arrays.items()}
        return replace(template, **ends)

    def compiled(self, target: Target) -> Callable[..., Any]:
        """Return the traced call, a function of the arrays."""
        assert target.trace is not None
        template = self.template
        plain = {n: end for n, end in template.arguments.items() if n not in self.names}
        return target.trace(lambda **arrays: template.call(target, **plain, **arrays))


def _lane(rng: random.Random, dtype: str, function: str, source: str) -> Case:
    """Draw the ends of a lane; of integers, such that both fit, and so all between them."""
    while True:
        lane = replace(random_lane(rng, dtype, function, source), num=2, endpoint=True)
        held = [Ends.of([end], source).values[0] for end in (lane.start, lane.stop)]
        lane = replace(lane, start=held[0], stop=held[1])
        if function == "geomspace" and not all(held):
            continue  # an error, which a traced program cannot raise
        if dtype not in INT_FORMATS or answer(lane).error is None:
            return lane


@dataclass(frozen=True)
class Programs:
    """The programs of a run, compiled once each in a process."""

    target: Target
    dtype: str
    function: str | None
    seed: int

    def program(self, number: int) -> Program:
        """Return one of them."""
        number %= PROGRAMS
        rng = random.Random(f"{self.seed} {self.dtype} {self.function} {number} program")
        function = self.function or FUNCTIONS[number % len(FUNCTIONS)]
        inputs = tuple(name for name in ("float64", "float32") if self.target.has(name))
        return Program.draw(rng, self.dtype, function, inputs)

    @cached_property
    def compiled(self) -> Callable[[int], Callable[..., Any]]:
        """The compiled program of a number below `PROGRAMS`."""
        return lru_cache(maxsize=None)(lambda number: self.program(number).compiled(self.target))

    def check(self, number: int) -> tuple[int, int, list[str]]:
        """Count the elements of a batch and the wrong ones, and say which these are."""
        rng = random.Random(f"{self.seed} {self.dtype} {self.function} {number} traced")
        batch = self.program(number).batch(rng)
        count = len(batch.lanes) * batch.num
        wrong, messages = compare_traced(self.target, batch, self.compiled(number % PROGRAMS))
        return count, wrong, messages


def compare_traced(
    target: Target, batch: Batch, traced: Callable[..., Any]
) -> tuple[int, list[str]]:
    """Count the elements in which a traced call and the eager one differ, and say where."""
    with target.scope():
        ends = batch.inputs(target)
        arrays = {n: end for n, end in ends.items() if isinstance(getattr(batch, n), Ends)}
        got = batch.read(target, traced(**arrays))
        eager = batch.read(target, batch.call(target, **ends))
    wrong = differing(got.ravel(), eager.ravel(), batch.dtype)
    messages = []
    for place in sorted({int(element) // batch.num for element in wrong}):
        lane = replace(
            batch,
            axis=0,
            **{name: Ends.of([getattr(batch, name).values[place]], getattr(batch, name).dtype)
               for name in arrays},
        )  # fmt: skip
        (case,) = lane.lanes.values()
        code = f"{lane.snippet(target)}, traced by its arrays"
        text = report(case, np.arange(batch.num), got[place], eager[place], code, source="eager")
        assert text is not None
        messages.append(f"lane {place} of {len(batch.lanes)}: {text}")
    return wrong.size, messages
