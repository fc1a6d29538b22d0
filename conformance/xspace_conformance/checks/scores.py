"""Scores: what each target got right, by function and dtype, and where targets differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from ..cases.golden import digest_of
from ..cases.questions import Question
from ..subjects.native import Foreign, takes
from ..subjects.target import Target
from ..truth.answers import Answer, answer
from ..truth.case import Case, short_hex
from ..truth.formats import Bits, FloatFormat, format_of
from .causes import (
    Causes,
    Failures,
    element_program,
    of_element,
    of_error,
    program,
    together,
)
from .compare import canonical, check_error, differing

Cell = tuple[str, str]  # function and dtype


@dataclass(frozen=True)
class Worst:
    """The worst element of a score, with the call that gives it."""

    snippet: str
    index: int
    got: str
    wanted: str


@dataclass(frozen=True)
class Score:
    """What came of some cases on one target.

    Parameters
    ----------
    cases, elements : int
        How many calls were made, and elements compared.
    wrong : int
        Elements that are not the right ones; an error that is due and not raised counts as one.
    raised : int
        Calls that raised what they should not, or gave no array of the shape and dtype.
    worst_ulp : float, optional
        The largest distance of a finite element from the right finite one, in numbers of the
        dtype between them; None if nothing of the kind was compared.
    worst : Worst, optional
        The element with that distance; if there is none, one that is wrong in another way.
    complaint : str, optional
        The first of the errors among `raised`.
    causes : dict
        What is wrong, by cause (`causes`).
    """

    cases: int = 0
    elements: int = 0
    wrong: int = 0
    raised: int = 0
    worst_ulp: float | None = None
    worst: Worst | None = None
    complaint: str | None = None
    causes: Causes = field(default_factory=dict)

    def __add__(self, other: Score) -> Score:
        """Put two scores together."""
        mine, theirs = self.worst_ulp, other.worst_ulp
        first = self.worst is not None and (mine or 0) >= (theirs or 0)
        return Score(
            self.cases + other.cases,
            self.elements + other.elements,
            self.wrong + other.wrong,
            self.raised + other.raised,
            max((ulp for ulp in (mine, theirs) if ulp is not None), default=None),
            self.worst if first else other.worst or self.worst,
            self.complaint or other.complaint,
            together(self.causes, other.causes),
        )

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.wrong and not self.raised

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def text_of(bits: int, dtype: str) -> str:
    """Write an element: a hexadecimal float or a decimal integer."""
    form = format_of(dtype)
    if isinstance(form, FloatFormat):
        return short_hex(form.to_float(bits))
    return str(form.to_int(bits))


def distances(got: Bits, wanted: Bits, dtype: str) -> np.ndarray[Any, Any]:
    """Return how many numbers of the dtype lie between elements, NaN where one is not finite."""
    form = format_of(dtype)
    if not isinstance(form, FloatFormat):
        # With its sign bit flipped, a signed integer keeps its order as an unsigned one.
        flip = form.view.type(1 << (form.width - 1) if form.signed else 0)
        one, other = got ^ flip, wanted ^ flip
        return (np.maximum(one, other) - np.minimum(one, other)).astype(float)
    sign = form.view.type(form.sign_bit)
    one, other = (got & ~sign).astype(np.uint64), (wanted & ~sign).astype(np.uint64)
    apart = np.where(
        (got ^ wanted) & sign, one + other, np.maximum(one, other) - np.minimum(one, other)
    )
    limit = np.uint64(form.infinity)
    return np.where((one < limit) & (other < limit), apart.astype(float), np.nan)


def judge(target: Target, question: Question) -> tuple[Score, Bits | None]:
    """Ask a target one question; return its score, and the bits of the whole grid."""
    case, wanted = question.case, question.answer
    if wanted.error is not None:
        return _judge_error(target, case, wanted), None
    assert wanted.bits is not None
    try:
        bits = target.bits(case)
    except Exception as error:  # whatever a library raises is the run's finding, not its end
        return _raised(target, case, error), None
    score = compare(target, case, bits, wanted)
    if question.digest not in (None, digest_of(canonical(bits, case.dtype))) and score.is_right:
        # Another element than the golden ones is wrong: the oracle says which.
        whole = replace(case, indices=None)
        score = compare(target, whole, bits, answer(whole))
    return score, bits


def _judge_error(target: Target, case: Case, wanted: Answer) -> Score:
    assert wanted.error is not None
    try:
        check_error(target, case, wanted)
    except AssertionError as error:
        worst = Worst(target.snippet(case), 0, "no error", wanted.error.__name__)
        causes = {f"no {wanted.error.__name__}": _first(target, case)}
        return Score(1, 1, 1, worst=worst, complaint=str(error), causes=causes)
    except Exception as error:
        return _raised(target, case, error)
    return Score(cases=1)


def _raised(target: Target, case: Case, error: Exception) -> Score:
    complaint = f"{type(error).__name__}: {error}\n{target.snippet(case)}"
    causes = {of_error(error): _first(target, case)}
    return Score(cases=1, raised=1, complaint=complaint, causes=causes)


def _first(target: Target, case: Case) -> Failures:
    return Failures(1, program(target, target.snippet(case)))


def compare(target: Target, case: Case, bits: Bits, wanted: Answer) -> Score:
    """Score the elements of a grid of which the answer is known."""
    assert wanted.bits is not None
    got = bits[wanted.indices]
    wrong = differing(got, wanted.bits, case.dtype)
    ulps = distances(got, wanted.bits, case.dtype)
    finite = ulps[np.isfinite(ulps)]
    worst = None
    if wrong.size:
        far = np.nan_to_num(ulps[wrong], nan=-1)
        place = int(wrong[int(np.argmax(far))])
        worst = Worst(
            target.snippet(case),
            int(wanted.indices[place]),
            text_of(int(got[place]), case.dtype),
            text_of(int(wanted.bits[place]), case.dtype),
        )
    return Score(
        1,
        len(got),
        int(wrong.size),
        worst_ulp=float(finite.max()) if finite.size else None,
        worst=worst,
        causes=_causes(target, case, got, wanted, wrong),
    )


def _causes(target: Target, case: Case, got: Bits, wanted: Answer, wrong: Bits) -> Causes:
    assert wanted.bits is not None
    found: Causes = {}
    for place in wrong:
        cause = of_element(int(got[place]), int(wanted.bits[place]), case.dtype)
        if cause in found:
            found[cause] += Failures(1, "")
        else:
            right = int(wanted.bits[place])
            code = element_program(target, case, int(wanted.indices[place]), right)
            found[cause] = Failures(1, code)
    return found


class Agreement:
    """How many elements differ between each two targets, by function and dtype."""

    def __init__(self) -> None:
        self.compared: dict[Cell, dict[tuple[str, str], int]] = {}
        self.differ: dict[Cell, dict[tuple[str, str], int]] = {}
        self.asked: dict[Cell, dict[str, int]] = {}

    def add(self, case: Case, answers: dict[str, Bits]) -> None:
        """Compare what all targets gave for one case."""
        cell = (case.function, case.dtype)
        names = self.asked.setdefault(cell, {})
        same = {name: canonical(bits, case.dtype) for name, bits in answers.items()}
        for name, bits in same.items():
            names[name] = names.get(name, 0) + len(bits)
        compared, differ = self.compared.setdefault(cell, {}), self.differ.setdefault(cell, {})
        for pair in combinations(same, 2):
            one, other = (same[name] for name in pair)
            compared[pair] = compared.get(pair, 0) + len(one)
            differ[pair] = differ.get(pair, 0) + int(np.count_nonzero(one != other))

    def as_data(self) -> list[dict[str, Any]]:
        """Return square matrices as JSON data."""
        return [
            {
                "function": cell[0],
                "dtype": cell[1],
                "targets": [*names],
                "elements": max(names.values()),
                "differ": _matrix([*names], self.differ[cell]),
                "compared": _matrix([*names], self.compared[cell]),
            }
            for cell, names in self.asked.items()
            if names
        ]


def _matrix(names: list[str], pairs: dict[tuple[str, str], int]) -> list[list[int]]:
    return [[pairs.get((a, b), pairs.get((b, a), 0)) for b in names] for a in names]


class Tally:
    """The scores of a run."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self.scores: dict[tuple[str, str, str], Score] = {}
        self.agreement = Agreement()

    def add(self, name: str, function: str, dtype: str, score: Score) -> None:
        """Add a target's score."""
        key = (name, function, dtype)
        self.scores[key] = self.scores.get(key, Score()) + score

    def ask(self, question: Question) -> None:
        """Ask all targets that take the question."""
        case = question.case
        answers: dict[str, Bits] = {}
        for target in self.targets:
            if self.has_enough(target, case) or not is_asked(target, question):
                continue
            score, bits = judge(target, question)
            self.add(target.name, case.function, case.dtype, score)
            if bits is not None:
                answers[target.name] = bits
        self.agreement.add(case, answers)

    def has_enough(self, target: Target, case: Case) -> bool:
        """Say whether a target has been asked as many cases of a kind as it should be."""
        if not isinstance(target, Foreign) or target.most is None:
            return False
        score = self.scores.get((target.name, case.function, case.dtype))
        return score is not None and score.cases >= target.most

    def of(self, name: str) -> dict[Cell, Score]:
        """Return a target's scores by function and dtype."""
        return {key[1:]: score for key, score in self.scores.items() if key[0] == name}

    def as_data(self) -> list[dict[str, Any]]:
        """Return the scores as JSON data, target by target."""
        return [
            {"target": target.name, "function": cell[0], "dtype": cell[1], **score.as_data()}
            for target in self.targets
            for cell, score in self.of(target.name).items()
        ]


def is_asked(target: Target, question: Question) -> bool:
    """Say whether a target is asked a question: foreign ones only what has an answer."""
    if not takes(target, question.case):
        return False
    return not isinstance(target, Foreign) or question.answer.error is None
