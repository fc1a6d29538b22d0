"""Golden vectors: right answers written down once, for those who have no MPFR at hand.

``python -m xspace_conformance golden`` writes the files in ``golden/`` from the oracle alone, the
same bytes every time; ``--check`` compares instead. ``--search`` looks for harder grids first
(`hard_search`) and keeps their parameters in ``golden/found.json``. The schema is
``golden/schema.json``; ``docs/golden.rst`` explains it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..truth.case import Case, scalar_from_json, scalar_to_json, short_hex
from ..truth.complex_oracle import PARTS
from ..truth.formats import FloatFormat, IntFormat, format_of
from ..truth.steps import Steps

FOLDER = Path(__file__).with_name("golden")
FOUND = FOLDER / "found.json"
VERSION = 2
WHOLE = 9  # grids of up to this many elements are written out, of larger ones five elements
DEFAULT_BASE = "0x1.4p+3"


@dataclass(frozen=True)
class Vector:
    """A case with its right answer as it stands in a file; complex elements are rows of two."""

    case: Case
    indices: list[int]
    bits: np.ndarray[Any, Any] | None
    digest: str | None
    error: str | None


# Numbers.


def value_to_json(bits: int, dtype: str) -> str:
    """Write an element: a hexadecimal float or a decimal integer."""
    form = format_of(dtype)
    if isinstance(form, FloatFormat):
        return short_hex(form.to_float(bits))
    return str(_signed(bits, form))


def value_from_json(text: str, dtype: str) -> int:
    """Read an element's bits."""
    form = format_of(dtype)
    if isinstance(form, FloatFormat):
        return form.from_float(float.fromhex(text))
    return int(text) & ((1 << form.width) - 1)


def _signed(bits: int, form: IntFormat) -> int:
    return bits - (1 << form.width) if form.signed and bits >> (form.width - 1) else bits


def number_to_json(value: Any) -> Any:
    """Write a parameter; a complex one as a list of its parts."""
    if isinstance(value, complex):
        return [scalar_to_json(value.real), scalar_to_json(value.imag)]
    return scalar_to_json(value)


def number_from_json(data: Any) -> Any:
    """Read what `number_to_json` wrote."""
    if isinstance(data, list):
        return complex(*map(scalar_from_json, data))
    return scalar_from_json(data)


def digest_of(bits: np.ndarray[Any, Any]) -> str:
    """Return the first half of the SHA-256 of a whole grid's bits, little-endian."""
    return hashlib.sha256(bits.astype(bits.dtype.newbyteorder("<")).tobytes()).hexdigest()[:32]


# Writing.


def sample_of(num: int) -> list[int]:
    """Return the indices whose values are written out."""
    if num <= WHOLE:
        return list(range(num))
    return sorted({0, 1, num // 3, num // 2, num - 1})


def parameters(case: Case) -> dict[str, Any]:
    """Return what a case asks for as JSON data."""
    data: dict[str, Any] = {"name": case.name}
    if isinstance(case, Steps):
        data |= zip(("start", "stop", "step"), map(number_to_json, case.arguments), strict=True)
    else:
        data |= {"start": number_to_json(case.start), "stop": number_to_json(case.stop)}
    data |= {"num": case.num, "dtype": case.dtype}
    if not isinstance(case, Steps) and not case.endpoint:
        data["endpoint"] = False
    if "base" in case.keywords:
        data["base"] = number_to_json(case.base)
    return data


def entry(case: Case, kind: str) -> dict[str, Any]:
    """Return a case and its right answer as JSON data."""
    data = parameters(case)
    sample = list(range(case.num)) if kind == "hard" else sample_of(case.num)
    if kind == "complex":
        return data | _complex_answer(case, sample)
    from ..truth.answers import answer, grid_of

    wanted = answer(case)
    if wanted.error is not None:
        return data | {"error": wanted.error.__name__}
    bits = grid_of(case).bits(case.dtype, sample)
    if len(sample) < case.num:
        data["indices"] = sample
        if case.indices is None:
            assert wanted.bits is not None
            data["sha256"] = digest_of(wanted.bits)
    if kind == "hard":
        data["closest"] = _closest(case)
    return data | {"values": [value_to_json(int(one), case.dtype) for one in bits]}


def _closest(case: Case) -> dict[str, Any]:
    """Return which element is closest to a boundary, and its distance to eight bits."""
    from .hard_search import closest

    index, least = closest(case, range(case.num))
    man, expo = math.frexp(least.numerator / least.denominator)
    return {"index": index, "distance": short_hex(math.ldexp(round(man * 256), expo - 8))}


def _complex_answer(case: Case, sample: list[int]) -> dict[str, Any]:
    from ..truth.complex_oracle import ComplexGrid

    data = {"indices": sample} if case.num > WHOLE else {}
    rows = ComplexGrid(case).bits(sample).tolist()
    part = PARTS[case.dtype]
    return data | {"values": [[value_to_json(bits, part) for bits in row] for row in rows]}


@lru_cache(maxsize=1)
def files() -> dict[str, str]:
    """Return the names of all files of vectors, and their texts."""
    from .golden_cases import golden_cases, kind_of

    found = load_found()
    hard = set(map(id, found))
    lines: dict[tuple[str, str], list[str]] = {}
    for case in golden_cases(found):
        kind = "hard" if id(case) in hard else kind_of(case)
        line = json.dumps(entry(case, kind), separators=(",", ":"))
        lines.setdefault((case.function, kind), []).append(line)
    return {
        f"{function}-{kind}.json": _text({"function": function, "kind": kind}, group)
        for (function, kind), group in sorted(lines.items())
    }


def _text(head: dict[str, str], lines: Iterable[str]) -> str:
    """Return the text of a file: a case a line."""
    start = json.dumps({"version": VERSION} | head, separators=(",", ":"))[:-1]
    return f'{start},"cases":[\n' + ",\n".join(lines) + "\n]}\n"


def write() -> None:
    """Write all files, and remove those that are no more."""
    texts = files()
    for path in paths():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="ascii")
        print(f"{name}: {text.count(chr(10)) - 2} cases, {len(text)} bytes")


def differences() -> list[str]:
    """Return the names of the files that are not what the oracle says."""
    kept = {path.name: path.read_text(encoding="ascii") for path in paths()}
    wanted = files()
    return sorted(name for name in {*kept, *wanted} if kept.get(name) != wanted.get(name))


# Reading: this needs neither MPFR nor the oracle.


def paths() -> list[Path]:
    """Return the files of vectors."""
    return sorted(FOLDER.glob("*-*.json"))


def load(path: Path) -> list[Vector]:
    """Read the vectors of a file."""
    data = json.loads(path.read_text(encoding="ascii"))
    assert data["version"] == VERSION, f"{path} has another version"
    return [vector_of(data["function"], item) for item in data["cases"]]


def case_of(function: str, item: dict[str, Any]) -> Case:
    """Return the case that a line of a file describes."""
    if function == "arange":
        given = [number_from_json(item[name]) for name in ("start", "stop", "step")]
        return Steps(item["name"], *given, dtype=item["dtype"])
    return Case(
        item["name"],
        function,
        number_from_json(item["start"]),
        number_from_json(item["stop"]),
        item["num"],
        dtype=item["dtype"],
        endpoint=item.get("endpoint", True),
        base=number_from_json(item.get("base", DEFAULT_BASE)),
    )


def vector_of(function: str, item: dict[str, Any]) -> Vector:
    """Return the vector in a line of a file."""
    case = case_of(function, item)
    assert case.num == item["num"], f"{item['name']}: {case.num} elements"
    if "error" in item:
        return Vector(case, [], None, None, item["error"])
    part = PARTS.get(case.dtype, case.dtype)
    values = [
        [value_from_json(text, part) for text in value]
        if isinstance(value, list)
        else value_from_json(value, part)
        for value in item["values"]
    ]
    bits = np.array(values, dtype=format_of(part).view)
    if case.dtype in PARTS:
        bits = bits.reshape(-1, 2)
    indices = item.get("indices", list(range(case.num)))
    return Vector(case, indices, bits, item.get("sha256"), None)


def hard_items() -> list[tuple[str, dict[str, Any]]]:
    """Return the cases of all files of hard ones, with their functions."""
    found = []
    for path in paths():
        data = json.loads(path.read_text())
        if data["kind"] == "hard":
            found += [(data["function"], item) for item in data["cases"]]
    return found


def load_found() -> list[Case]:
    """Read the parameters that a search has found."""
    data = json.loads(FOUND.read_text(encoding="ascii"))
    return [case_of(item.pop("function"), item) for item in data["cases"]]


def search(seed: int, seconds: float) -> None:
    """Look for hard grids, and keep the parameters of the hardest."""
    from .hard_search import search as hardest

    lines = [
        json.dumps({"function": case.function} | parameters(case), separators=(",", ":"))
        for case in hardest(seed, seconds)
    ]
    head = {"found_by": f"python -m xspace_conformance golden --search --seed {seed}"}
    FOUND.write_text(_text(head, lines), encoding="ascii")
    print(f"{FOUND.name}: {len(lines)} cases")


def main(arguments: list[str] | None = None) -> int:
    """Write all files, or check them."""
    parser = argparse.ArgumentParser(
        prog="python -m xspace_conformance golden", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--search", action="store_true", help="look for harder grids first")
    parser.add_argument("--seed", type=int, default=1, help="of the search (default: 1)")
    parser.add_argument("--seconds", type=float, default=15, help="for the longest of its parts")
    options = parser.parse_args(arguments)
    if options.check:
        wrong = differences()
        print("\n".join(f"{name} is not what the oracle writes" for name in wrong) or "all right")
        return 1 if wrong else 0
    if options.search:
        search(options.seed, options.seconds)
    write()
    return 0
