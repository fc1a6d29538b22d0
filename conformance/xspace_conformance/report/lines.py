"""A summary of plain lines that compares well with another: no times, no machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..truth.formats import FLOAT_FORMATS


def summary_lines(data: dict[str, Any]) -> Iterator[str]:
    """Yield the lines, in an order that does not depend on the order of the run."""
    yield f"xspace {data['xspace']}, seed {data['seed']}"
    yield from (f"{name} {version}" for name, version in sorted(data["versions"].items()))
    rows = sorted(data["results"], key=lambda row: (row["target"], row["function"], row["dtype"]))
    for row in rows:
        place = f"{row['target']} {row['function']} {row['dtype']}"
        yield f"{place}: {row['elements']} elements of {row['cases']} grids, {_faults(row)}"


def _faults(row: dict[str, Any]) -> str:
    if not row["wrong"] and not row["raised"]:
        return "all right"
    far, unit = row["worst_ulp"], " ulp" if row["dtype"] in FLOAT_FORMATS else ""
    wrong = f"{row['wrong']} wrong" + (f" by up to {far:.6g}{unit}" if row["wrong"] and far else "")
    return wrong + (f", {row['raised']} calls raised" if row["raised"] else "")
