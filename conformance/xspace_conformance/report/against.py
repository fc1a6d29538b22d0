"""What has changed since an earlier report: which cells are worse, and which better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SAME = ("seed", "xspace")


def comparison(data: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """Return the differences as JSON data.

    Raises
    ------
    ValueError
        If the earlier report is of another schema.
    """
    if earlier.get("schema") != data["schema"]:
        raise ValueError(f"schema {earlier.get('schema')!r}, wanted {data['schema']}")
    now, before = _cells(data), _cells(earlier)
    both = [cell for cell in now if cell in before]
    return {
        "started": earlier["started"],
        "changed": [*_changes(data, earlier)],
        "worse": [_row(c, before, now) for c in both if _faults(now[c]) > _faults(before[c])],
        "better": [_row(c, before, now) for c in both if _faults(now[c]) < _faults(before[c])],
        "alike": sum(_faults(now[cell]) == _faults(before[cell]) for cell in both),
        "added": sum(cell not in before for cell in now),
        "gone": sum(cell not in now for cell in before),
    }


Cell = tuple[str, str, str]


def _cells(data: dict[str, Any]) -> dict[Cell, dict[str, Any]]:
    return {(row["target"], row["function"], row["dtype"]): row for row in data["results"]}


def _faults(row: dict[str, Any]) -> tuple[int, int, float]:
    return row["wrong"], row["raised"], (row["worst_ulp"] or 0) if row["wrong"] else 0


def _row(
    cell: Cell, before: dict[Cell, dict[str, Any]], now: dict[Cell, dict[str, Any]]
) -> dict[str, Any]:
    target, function, dtype = cell
    counts = {key: [before[cell][key], now[cell][key]] for key in ("wrong", "raised", "worst_ulp")}
    return {"target": target, "function": function, "dtype": dtype, **counts}


def _changes(data: dict[str, Any], earlier: dict[str, Any]) -> Iterator[list[str]]:
    """Yield what was another one: name, then, now."""
    pairs = [(name, earlier[name], data[name]) for name in SAME]
    for name in sorted({*earlier["versions"], *data["versions"]}):
        pairs.append((name, earlier["versions"].get(name), data["versions"].get(name)))
    yield from ([name, f"{old}", f"{new}"] for name, old, new in pairs if old != new)


def in_words(found: dict[str, Any]) -> Iterator[str]:
    """Yield the comparison as lines."""
    yield (
        f"since {found['started']}: {len(found['worse'])} cells worse, {len(found['better'])} "
        f"better, {found['alike']} alike, {found['added']} new, {found['gone']} gone"
    )
    for name, old, new in found["changed"]:
        yield f"  {name}: {old}, now {new}"
    for word in ("worse", "better"):
        for row in found[word]:
            place = f"{row['target']} {row['function']} {row['dtype']}"
            parts = [
                f"{key} {row[key][0]}, now {row[key][1]}"
                for key in ("wrong", "raised")
                if any(row[key])
            ]
            yield f"  {word}: {place}: {'; '.join(parts)}"
