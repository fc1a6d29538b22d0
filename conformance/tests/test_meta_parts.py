"""The suite tests itself: flaws in parts of an array, shares of the cases, lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from xspace_conformance.cases.random_grids import FUNCTIONS
from xspace_conformance.checks.compare import check_target
from xspace_conformance.subjects.shares import MOST_CHUNKS, Share, odd_chunks, uneven
from xspace_conformance.subjects.target import Target
from xspace_conformance.tests.values.test_arange import CASES as STEPS
from xspace_conformance.tests.values.test_cases import CASES
from xspace_conformance.truth.answers import answer
from xspace_conformance.truth.case import Case, finer
from xspace_conformance.truth.formats import FloatFormat, format_of
from xspace_conformance.truth.steps import Steps


def with_a_flaw(target: Any, change: Callable[[Any], Any]) -> Any:
    """Return a target of which what is read out is changed."""
    return replace(target, read_out=lambda array: change(np.array(target.read_out(array))))


def last_bit(host: Any) -> Any:
    host.view(f"uint{8 * host.itemsize}")[-1:] ^= 1
    return host


@pytest.mark.shares
def test_a_wrong_bit_in_the_last_chunk_is_found_in_every_case(target: Target) -> None:
    """And in every share: that of `dask-odd` or `cubed` has no case that cannot fail."""
    flawed = with_a_flaw(target, last_bit)
    found = 0
    for case in target.cases([*CASES[::7], *STEPS[::7]]):
        wanted = answer(case)
        if wanted.bits is None or not case.num or case.num - 1 not in wanted.indices:
            continue
        form = format_of(case.dtype)
        if isinstance(form, FloatFormat) and int(wanted.bits[-1]) & form.infinity == form.infinity:
            continue  # of a NaN a bit is as good as another
        with pytest.raises(AssertionError, match=r"1 of .* elements are wrong"):
            check_target(flawed, case, wanted)
        found += 1
    assert found > 20


class Longer(Steps):
    """A call that asks for one element more than it says."""

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        return self.start, self.stop + self.step, self.step


def test_a_length_that_is_wrong_is_found(target: Target) -> None:
    dtype = "float32" if target.has("float32") else "float64"
    case, longer = (kind("quarters", 0, 1, 0.25, dtype) for kind in (Steps, Longer))
    check_target(target, case, answer(case))
    with pytest.raises(AssertionError, match=r"got the shape \(5,\), wanted \(4,\)"):
        check_target(target, longer, answer(case))


# Shares.


def test_a_share_leaves_no_case_out(all_targets: list[Target]) -> None:
    """Each call that is a case in float64 and in float32 is taken in one of them."""

    def calls(cases: list[Case], *dtypes: str) -> set[str]:
        return {f"{c.name} {c.start!r} {c.stop!r} {c.num}" for c in cases if c.dtype in dtypes}

    both = calls(CASES, "float64") & calls(CASES, "float32")
    assert len(both) > 150
    halves = [target for target in all_targets if target.share == Share(one_in=2)]
    if not halves:
        pytest.skip("no target has a half of the cases")
    for target in halves:
        taken = list(target.cases(CASES))
        assert both <= calls(taken, "float64", "float32")
        assert {case.dtype for case in taken} == set(target.dtypes)
        assert {case.function for case in taken} == set(FUNCTIONS)
        assert len(taken) < 0.6 * sum(target.has(case.dtype) for case in CASES)


def test_a_share_is_what_it_says() -> None:
    texts = [f"case {k}" for k in range(3000)]
    for one_in in (1, 2, 3):
        share = Share(one_in=one_in)
        for text in texts[:100]:
            assert [share.takes(text, place) for place in range(6)].count(True) == 6 // one_in
        taken = sum(share.takes(text, 0) for text in texts)
        assert abs(taken - 3000 / one_in) < 200


@pytest.mark.parametrize("endpoint", [True, False])
def test_finer_grids_hold_the_elements(endpoint: bool) -> None:
    for num in range(2, 200):
        more, closed = finer(num, 8, endpoint=endpoint)
        assert more % 8 == 0
        case = Case("", "linspace", 1, 9, num, endpoint=endpoint)
        whole = case.in_multiples(8)
        assert (whole.num, whole.endpoint) == (more, closed)
        few, many = right(case), right(whole)
        lost = set(few) - set(many)
        assert lost <= (set() if closed == endpoint else {few[-1]})  # the stop


def right(case: Any) -> list[int]:
    """Return the oracle's bits."""
    bits = answer(case).bits
    assert bits is not None
    return [int(one) for one in bits]


def test_chunks_add_up() -> None:
    kinds: Counter[type] = Counter()
    for num in [*range(1, 500), 12_345, 10**6]:
        chunks = odd_chunks(num)
        lengths = chunks[0] if isinstance(chunks, tuple) else ()
        kinds[type(chunks)] += 1
        if lengths:
            assert sum(lengths) == num
            assert all(length % 2 for length in lengths[:-1])
            assert min(lengths) > 0
        else:
            assert isinstance(chunks, int)
            assert chunks % 2
            assert -(-num // chunks) <= MOST_CHUNKS
    assert min(kinds.values()) > 50
    assert uneven(20) == (7, 5, 3, 1, 1, 1, 1, 1)
