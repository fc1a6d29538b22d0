"""What is asked of a grid that is nowhere as a whole: each chunk is looked at where it was made.

A worker returns of its chunk whether it is monotone, its first and last element, and the elements
at the places of a sample. `judge` puts these together and compares the sample with the oracle.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..truth.answers import answer
from ..truth.case import Case
from ..truth.formats import Bits, format_of
from .compare import differing, report


@dataclass(frozen=True)
class Part:
    """What a worker says of one chunk.

    Parameters
    ----------
    begin, size : int
        Which elements it has.
    unordered : int
        How many of its steps go the wrong way.
    ends : tuple of float
        Its first and its last element.
    bits : array of unsigned int
        The sampled elements.
    """

    begin: int
    size: int
    unordered: int
    ends: tuple[Any, Any]
    bits: Bits


def inspect(
    chunk: Any, begin: int, places: Any, view: str, sign: int, block: int = 1 << 16
) -> Part:
    """Look at a chunk that begins at an element; `places` are those of the sample in it."""
    unordered = 0
    for at in range(0, chunk.size, block):  # so that what is compared stays small
        piece = chunk[at : at + block + 1]
        before, after = (piece[:-1], piece[1:])[::sign]
        # A NaN is not in order, either.
        unordered += max(piece.size - 1, 0) - int(np.count_nonzero(before <= after))
    bits = np.ascontiguousarray(chunk[places]).view(view)
    return Part(begin, chunk.size, unordered, (chunk[0], chunk[-1]), bits)


def sample(num: int, lengths: Sequence[int], count: int, seed: int) -> np.ndarray[Any, Any]:
    """Return places: both ends of every chunk, an even comb of half the rest, a random half."""
    stops = np.cumsum(lengths)
    ends = np.concatenate([stops - 1, stops - np.asarray(lengths)])
    half = max((count - ends.size) // 2, 1)
    comb = np.linspace(0, num - 1, half).astype(np.int64)
    rng = random.Random(seed)
    drawn = [rng.randrange(num) for _ in range(half)]
    return np.unique(np.concatenate([ends, comb, drawn]))


def tasks(grid: Any, case: Case) -> list[Any]:
    """Return a lazy `Part` for each chunk of a dask array."""
    import dask

    assert case.indices is not None
    places = np.array(case.indices, dtype=np.int64)
    look = dask.delayed(inspect, pure=False)
    view, sign = format_of(case.dtype).view.name, 1 if case.stop > case.start else -1
    made, begin = [], 0
    for chunk, length in zip(grid.to_delayed(), grid.chunks[0], strict=True):
        here = places[(places >= begin) & (places < begin + length)] - begin
        made.append(look(chunk, begin, here, view, sign))
        begin += length
    return made


@dataclass(frozen=True)
class Verdict:
    """What came of a grid: elements seen, steps the wrong way, sampled elements that are wrong."""

    elements: int
    unordered: int
    sampled: int
    wrong: int
    message: str | None

    @property
    def is_right(self) -> bool:
        """Say whether nothing at all is wrong."""
        return not self.unordered and not self.wrong


def judge(case: Case, parts: Iterable[Part], snippet: str) -> Verdict:
    """Put the parts of a grid together, whose sample is the case's indices."""
    ordered = sorted(parts, key=lambda part: part.begin)
    unordered = sum(part.unordered for part in ordered)
    elements = 0
    for number, part in enumerate(ordered):
        assert part.begin == elements, f"elements from {elements} to {part.begin} were not seen"
        elements += part.size
        if number:
            before, after = ordered[number - 1].ends[1], part.ends[0]
            unordered += not (before <= after if case.stop > case.start else before >= after)
    assert elements == case.num, f"{elements} elements were seen, wanted {case.num}"
    wanted = answer(case)
    assert wanted.bits is not None
    got = np.concatenate([part.bits for part in ordered])
    message = report(case, wanted.indices, got, wanted.bits, snippet)
    wrong = int(differing(got, wanted.bits, case.dtype).size)
    return Verdict(elements, unordered, len(got), wrong, message)


def surveyed(case: Case, lengths: Sequence[int], count: int, seed: int) -> Case:
    """Return the case with the places of a sample."""
    places = sample(case.num, lengths, count, seed)
    return replace(case, indices=tuple(places.tolist()))
