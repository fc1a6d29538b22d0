"""The engine without Python: built by each compiler, and for other processors, the same bits.

What is right here is what Python makes without the engine.  Elements that are left open and
grids that are refused have no bits, and there must be few of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_calls import LARGEST, Call, calls
from engine_program import PROCESSORS, build, build_for, build_here, host_compilers
from engines import choose
from switch_overs import edge_calls

from xspace.exact.rounding import FORMATS
from xspace.grids.target import Target
from xspace.lanes.derivatives import host_derivative
from xspace.lanes.plan import Plan
from xspace.libraries import NUMPY
from xspace.libraries.scalars import read_scalar

ROOT = Path(__file__).parents[2]
#: How many calls of each function in each format; some 9,000 elements each.
COUNT = int(os.environ.get("XSPACE_ENGINE_CALLS", "3"))
NAMES = ("start", "stop", "base")
#: Bits of an element as an integer.
BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


#: The middle of two neighbours is the even one.
ONE, NEXT, AFTER = "3ff0000000000000", "3ff0000000000001", "3ff0000000000002"
MIDPOINTS = [
    (f"linspace float64 3 1 x{ONE} x{NEXT}", [ONE, ONE, NEXT]),
    (f"linspace float64 3 1 x{NEXT} x{AFTER}", [NEXT, AFTER, AFTER]),
]


def bits(grid: np.ndarray) -> list[str]:
    """The elements as the program prints them."""
    whole = np.ascontiguousarray(grid)
    return [f"{x:x}" for x in whole.view(BITS[whole.dtype.itemsize]).tolist()]


def wanted(made: Call) -> list[str] | None:
    """The elements, or None where Python has an error or another length."""
    try:
        return bits(made.make())
    except (OverflowError, ValueError):
        return None


def slopes() -> Iterator[tuple[str, list[str]]]:
    """Derivatives of powers by each of their ends."""
    for made in [*calls(6, COUNT), *edge_calls(6, COUNT, 1100)]:
        if made.function in ("linspace", "arange") or made.dtype not in ("float64", "float32"):
            continue
        ends = {n: read_scalar(n, x) for n, x in zip(NAMES, made.ends, strict=False)}
        dtype = np.dtype(made.dtype)
        target = Target(made.function, NUMPY, FORMATS[made.dtype], dtype, None)
        for by in range(len(ends)):
            orders = tuple(int(k == by) for k in range(len(ends)))
            plan = Plan(made.num, made.endpoint, target, orders)
            yield f"by {by} {made.line()}", bits(host_derivative(plan, ends))


@pytest.fixture(scope="module")
def questions() -> list[tuple[str, list[str] | None]]:
    """Calls for the program, and the right answers."""
    with pytest.MonkeyPatch.context() as context:
        choose("numpy", context)
        made = [*calls(5, COUNT), *edge_calls(5, 4 * COUNT, 4100)]
        found = [(call.line(), wanted(call)) for call in made]
        derived = [*slopes()]
    found += [
        ("lanes " + line, elements)
        for line, elements in [*found, *MIDPOINTS]
        if line.split()[1] in ("float64", "float32") and not line.startswith("arange")
    ]
    ways = ("", "apart ", "lanes ")
    return [
        (line if line.startswith("lanes") else ways[k % (2 + (line[0] != "a"))] + line, elements)
        for k, (line, elements) in enumerate(found)
    ] + derived


def compare(program, questions: Iterable[tuple[str, list[str] | None]]) -> tuple[int, int, int]:
    """How many elements are right, how many are open, and how many grids are refused."""
    questions = list(questions)
    right = open_ = refused = 0
    for answer, (line, elements) in zip(
        program.ask(line for line, _ in questions), questions, strict=True
    ):
        if answer == "refused":
            refused += 1
        elif answer == "!":
            assert elements is None, line
        elif elements is not None:
            found = answer.split()
            wrong = [
                (i, x, y)
                for i, (x, y) in enumerate(zip(found, elements, strict=True))
                if y and x not in ("?", y)
            ]
            assert not wrong, (line, wrong[:3])
            known = len(found) - elements.count("")
            open_ += found.count("?")
            right += known - found.count("?")
        else:  # an element that does not fit may be one that is open
            assert "?" in answer, line
    return right, open_, refused


def check(program, questions) -> None:
    right, open_, refused = compare(program, questions)
    print(f"{right} elements, {open_} open, {refused} of {len(questions)} grids refused")
    assert right > 50 * len(questions)
    assert open_ < right / 50
    assert refused < len(questions) / 4


def check_golden(program) -> None:
    right, open_, refused = compare(program, golden())
    print(f"golden vectors: {right} elements, {open_} open, {refused} grids refused")
    assert right > 4000
    assert open_ < right / 4  # most of them are exact, midpoints, or next to one


def check_flags(program, questions) -> None:
    """No flag of an exception is raised."""
    assert program.ask([*(line for line, _ in questions), "flags"])[-1] == "0"


#: One compiler at every level; of several, each at two of them. All other tests are of the
#: module, which setup.py has compiled at -O3.
BUILDS = [
    (compiler, level)
    for k, compiler in enumerate(host_compilers())
    for j, level in enumerate(["-O0", "-O3 -march=native", "-O2 -flto -march=native"])
    if len(host_compilers()) == 1 or (j - k) % 3 != 1
]


@pytest.mark.parametrize(("compiler", "level"), BUILDS)
def test_compilers(compiler, level, questions, tmp_path):
    """The environment is that of IEEE 754 while elements are made."""
    program = build(tmp_path, compiler, "-Wall", "-Wextra", "-Werror", *level.split())
    check(program, questions)
    check_flags(program, questions)
    for direction in ("upward", "downward", "toward_zero"):
        assert program.ask([f"rounding {direction}"]) == ["set"]
        compare(program, [(f"rounding {direction}", ["set"]), *questions])


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda p: p.name)
def test_processors(processor, questions, tmp_path):
    program = build_for(tmp_path, processor, "-O2")
    check(program, questions)
    check_golden(program)
    check_flags(program, questions)
    for direction in ("upward", "downward", "toward_zero"):
        assert program.ask([f"rounding {direction}"]) == ["set"]
        few = [(line, elements) for line, elements in questions if not line.startswith("arange")][
            ::7
        ]
        several = [(f"rounding {direction}", ["set"]), *few]
        answers = program.ask(line for line, _ in several)
        assert answers[1:] == program.ask(line for line, _ in few)


def test_without_wide_integers_of_the_compiler(questions, tmp_path):
    """The product of two words by their halves, as where a compiler has no other."""
    check(build_here(tmp_path, "-O0", "-U__SIZEOF_INT128__"), questions)


def test_sanitizers(questions, tmp_path):
    """Nothing undefined, and no memory but the grid's."""
    options = ("-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    options += ("-DXSPACE_ONE_TARGET",)  # a resolver runs before a sanitizer is ready
    program = build_here(tmp_path, *options)
    check(program, questions)
    check_golden(program)


def golden() -> list[tuple[str, list[str] | None]]:
    """Golden vectors whose parameters are floats or short integers."""
    return list(_golden_questions())


def _golden_questions() -> Iterator[tuple[str, list[str] | None]]:
    paths = sorted((ROOT / "conformance").rglob("golden/*space-*.json"))
    assert paths
    for path in paths:
        data = json.loads(path.read_text(encoding="utf-8"))
        for case in data["cases"]:
            ends = [_end(case[name]) for name in ("start", "stop") if name in case]
            if data["function"] == "logspace":
                ends.append(_end(case.get("base", "10")))
            if None in ends or case["dtype"] not in LARGEST:
                continue
            endpoint = int(case.get("endpoint", True))
            line = f"{data['function']} {case['dtype']} {case['num']} {endpoint} {' '.join(ends)}"
            yield line, None if "error" in case else _elements(case)


def _elements(case: dict[str, Any]) -> list[str]:
    """The elements of a golden vector; nothing for those that it leaves out."""
    found = _bits_of(case["values"], case["dtype"])
    if "indices" not in case:
        return found
    elements = [""] * case["num"]
    for i, x in zip(case["indices"], found, strict=True):
        elements[i] = x
    return elements


def _end(text: str | list[str]) -> str | None:
    """A parameter for the program, if it is one word."""
    if isinstance(text, list) or "/" in text or "n" in text:
        return None
    if "x" in text:
        return f"x{int(np.float64(float.fromhex(text)).view(np.uint64)):x}"
    return text if abs(int(text)) < 2**63 else None


def _bits_of(values: list[str], dtype: str) -> list[str]:
    if "int" in dtype:
        return bits(np.array([int(x) for x in values], dtype))
    numbers = np.array([float.fromhex(x) for x in values])
    if dtype == "bfloat16":
        return [f"{x >> 16:x}" for x in numbers.astype(np.float32).view(np.uint32).tolist()]
    return bits(numbers.astype(dtype))
