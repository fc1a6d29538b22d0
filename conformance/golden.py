"""Golden vectors: right answers written down once, for those who have no MPFR at hand.

``python -m conformance.golden`` writes ``conformance/golden/*.json`` from the oracle alone, the
same bytes every time. The schema stands in this folder's README.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .cases import Case, scalar_from_json, scalar_to_json, short_hex
from .formats import DTYPES, FloatFormat, IntFormat, format_of

FOLDER = Path(__file__).with_name("golden")
FUNCTIONS = ("linspace", "logspace", "geomspace")
VERSION = 1
WHOLE = 9  # grids of up to this many elements are written out, of larger ones five elements
LONGEST_PARAMETER = 420  # characters; the cases with fractions of thousands of digits stay out
SEED = 2  # of the random cases among them
DEFAULT_BASE = "0x1.4p+3"
RANDOM_CASES = 4  # for each function and dtype


@dataclass(frozen=True)
class Vector:
    """A case with its right answer as it stands in a file."""

    case: Case
    bits: np.ndarray[Any, Any] | None
    digest: str | None
    error: str | None


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


def digest_of(bits: np.ndarray[Any, Any]) -> str:
    """Return the first half of the SHA-256 of a whole grid's bits, little-endian."""
    return hashlib.sha256(bits.astype(bits.dtype.newbyteorder("<")).tobytes()).hexdigest()[:32]


def golden_cases(function: str) -> Iterator[Case]:
    """Yield the cases of one function: hand-written, reported and random ones."""
    from .hard_cases import hard_cases
    from .public_reports import REPORTS
    from .random_grids import random_case

    written = [*hard_cases(), *(report.case for report in REPORTS)]
    for dtype in DTYPES:
        for number in range(RANDOM_CASES):
            rng = random.Random(f"{SEED} {dtype} {number}")
            case = random_case(rng, dtype, function, largest=1000)
            written.append(replace(case, name=f"random-{function}-{number}"))
    for case in written:
        texts = [scalar_to_json(value) for value in (case.start, case.stop, case.base)]
        if case.function == function and max(map(len, texts)) <= LONGEST_PARAMETER:
            yield case


def sample_of(num: int) -> list[int]:
    """Return the indices whose values are written out."""
    if num <= WHOLE:
        return list(range(num))
    return sorted({0, 1, num // 3, num // 2, num - 1})


def entry(case: Case) -> dict[str, Any]:
    """Return a case and its right answer as JSON data."""
    from .answers import answer, grid_of

    data: dict[str, Any] = {
        "name": case.name,
        "start": scalar_to_json(case.start),
        "stop": scalar_to_json(case.stop),
        "num": case.num,
        "dtype": case.dtype,
    }
    if not case.endpoint:
        data["endpoint"] = False
    if "base" in case.keywords:
        data["base"] = scalar_to_json(case.base)
    wanted = answer(case)
    if wanted.error is not None:
        return data | {"error": wanted.error.__name__}
    sample = sample_of(case.num)
    bits = grid_of(case).bits(case.dtype, sample)
    if case.num > WHOLE:
        data["indices"] = sample
        if case.indices is None:
            assert wanted.bits is not None
            data["sha256"] = digest_of(wanted.bits)
    return data | {"values": [value_to_json(int(one), case.dtype) for one in bits]}


def render(function: str) -> str:
    """Return the text of one function's file: a case a line."""
    lines = [json.dumps(entry(case), separators=(",", ":")) for case in golden_cases(function)]
    head = f'{{"version":{VERSION},"function":"{function}","cases":[\n'
    return head + ",\n".join(lines) + "\n]}\n"


def path_of(function: str) -> Path:
    """Return where one function's vectors are kept."""
    return FOLDER / f"{function}.json"


def load(function: str) -> list[Vector]:
    """Read one function's vectors; this needs neither MPFR nor the oracle."""
    data = json.loads(path_of(function).read_text(encoding="ascii"))
    assert data["version"] == VERSION, f"{path_of(function)} has another version"
    return [_vector(function, item) for item in data["cases"]]


def _vector(function: str, item: dict[str, Any]) -> Vector:
    case = Case(
        item["name"],
        function,
        scalar_from_json(item["start"]),
        scalar_from_json(item["stop"]),
        item["num"],
        dtype=item["dtype"],
        endpoint=item.get("endpoint", True),
        base=scalar_from_json(item.get("base", DEFAULT_BASE)),
        indices=tuple(item.get("indices", range(len(item.get("values", []))))),
    )
    if "error" in item:
        return Vector(case, None, None, item["error"])
    view = format_of(case.dtype).view
    bits = np.array([value_from_json(text, case.dtype) for text in item["values"]], dtype=view)
    return Vector(case, bits, item.get("sha256"), None)


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for function in FUNCTIONS:
        text = render(function)
        path_of(function).write_text(text, encoding="ascii")
        print(f"{path_of(function)}: {text.count(chr(10)) - 2} cases, {len(text)} bytes")


if __name__ == "__main__":
    main()
