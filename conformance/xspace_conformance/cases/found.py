"""Failures that a deep run found, made as simple as they get, as files to be kept.

Each is one JSON object in a file of its own in ``found/``: a call as the golden vectors write it
(an array as ``values``, ``shape`` and ``dtype``), without its answer, which is the oracle's, and
under ``found`` where it came from. `test_found.py` asks every target for all of them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..truth.case import Case, scalar_from_json, scalar_to_json
from .golden import DEFAULT_BASE
from .lanes import Batch, Ends

FOLDER = Path(__file__).with_name("found")


def default_folder() -> Path:
    """Return where failures are kept: in a checkout beside this file, else where the run is."""
    is_checkout = Path(__file__).parents[2].joinpath("pyproject.toml").is_file()
    return FOLDER if is_checkout else Path("found")


def to_data(call: Case | Batch, **origin: Any) -> dict[str, Any]:
    """Return a call as JSON data."""
    data: dict[str, Any] = {"version": 1, "function": call.function}
    data |= {"start": _value(call.start), "stop": _value(call.stop), "num": call.num}
    if not call.endpoint:
        data["endpoint"] = False
    if call.function == "logspace":
        data["base"] = _value(call.base)
    if isinstance(call, Batch):
        data["axis"] = call.axis
    return data | {"dtype": call.dtype, "found": origin}


def from_data(data: dict[str, Any], name: str = "found") -> Case | Batch:
    """Return the call that JSON data tells."""
    assert data["version"] == 1, f"{name} has version {data['version']}, wanted 1"
    given: dict[str, Any] = {key: _read(data[key]) for key in ("start", "stop")}
    given["base"] = _read(data.get("base", DEFAULT_BASE))
    given |= {"endpoint": data.get("endpoint", True), "dtype": data["dtype"]}
    if "axis" in data:
        return Batch(name, data["function"], num=data["num"], axis=data["axis"], **given)
    return Case(name, data["function"], num=data["num"], **given)


def _value(value: Any) -> Any:
    if isinstance(value, Ends):
        texts = [scalar_to_json(one) for one in value.values]
        return {"values": texts, "shape": list(value.shape), "dtype": value.dtype}
    return scalar_to_json(value)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        numbers = tuple(scalar_from_json(text) for text in value["values"])
        return Ends(numbers, tuple(value["shape"]), value["dtype"])
    return scalar_from_json(value)


def keep(data: dict[str, Any], folder: Path) -> Path:
    """Write a failure, under a name that is the same for the same call; return the file."""
    call = {key: value for key, value in data.items() if key != "found"}
    digest = hashlib.sha256(json.dumps(call, sort_keys=True).encode("ascii")).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{data['function']}-{data['dtype']}-{digest}.json"
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="ascii")
    return path


def load(folder: Path = FOLDER) -> list[Case | Batch]:
    """Read all failures that are kept in a folder."""
    return [
        from_data(json.loads(path.read_text(encoding="ascii")), path.stem)
        for path in sorted(folder.glob("*.json"))
    ]
