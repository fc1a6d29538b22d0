"""What a report says, as JSON data; its schema stands in this folder's README."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from typing import Any

from .answers import answer
from .cases import show
from .curves import curves
from .native import kind_of, library_of, takes
from .public_reports import REPORTS, Report
from .scores import Tally, text_of
from .targets import Target

SCHEMA = 1
LIBRARIES = (
    *("numpy", "torch", "jax", "jaxlib", "cupy-cuda12x", "cupy-cuda13x", "dask", "cubed"),
    *("mygrad", "array-api-strict", "array-api-compat", "gmpy2"),
)


def report_data(
    tally: Tally,
    absent: dict[str, str],
    *,
    command: str,
    seed: int,
    started: str,
    seconds: float,
    functions: tuple[str, ...],
    dtypes: tuple[str, ...],
) -> dict[str, Any]:
    """Return everything that a report shows."""
    import xspace

    return {
        "schema": SCHEMA,
        "xspace": xspace.__version__,
        "command": command,
        "seed": seed,
        "started": started,
        "seconds": seconds,
        "platform": platform_data(),
        "versions": versions(),
        "devices": sorted({place for one in tally.targets if (place := device_name(one))}),
        "targets": [target_data(target) for target in tally.targets],
        "absent": absent,
        "results": tally.as_data(),
        "agreement": tally.agreement.as_data(),
        "curves": curves(tally.targets, functions, dtypes),
        "reports": thread_data(tally.targets, functions, dtypes),
    }


def platform_data() -> dict[str, Any]:
    """Return what machine this is."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "python": sys.version.split()[0],
    }


def processor() -> str:
    """Return the processor's name, from Linux's own table where there is one."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of the libraries that are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def device_name(target: Target) -> str | None:
    """Return the device of a target as text."""
    return None if target.device is None else str(target.device)


def target_data(target: Target) -> dict[str, Any]:
    """Return what a target is."""
    return {
        "name": target.name,
        "kind": kind_of(target),
        "library": library_of(target),
        "device": device_name(target),
    }


def thread_data(
    targets: list[Target], functions: tuple[str, ...], dtypes: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return what each target answers today to the calls of public reports."""
    asked = [
        report
        for report in REPORTS
        if report.case.function in functions
        and report.case.dtype in dtypes
        and answer(report.case).bits is not None
    ]
    return [one for report in asked if (one := _thread(report, targets))["answers"]]


def _thread(report: Report, targets: list[Target]) -> dict[str, Any]:
    case = report.case
    wanted = answer(case)
    assert wanted.bits is not None
    given = {}
    for target in targets:
        if not takes(target, case):
            continue
        try:
            given[target.name] = target.bits(case)
        except Exception as error:  # an answer, too
            given[target.name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    place = _place(report, wanted, given)
    index, right = int(wanted.indices[place]), int(wanted.bits[place])
    text = text_of(right, case.dtype)
    answers = {
        name: bits if isinstance(bits, str) else text_of(int(bits[index]), case.dtype)
        for name, bits in given.items()
    }
    owner, _, number = report.thread.partition("#")
    parts = [show(case.start), show(case.stop), str(case.num)]
    parts += [f"{key}={show(value)}" for key, value in case.keywords.items()]
    call = f"{case.function}({', '.join(parts)})"
    return {
        "id": report.thread,
        "library": owner.partition("/")[2],
        "title": f"element {index} of {call} in {case.dtype}",
        "url": f"https://github.com/{owner}/issues/{number}",
        "snippet": f"{call}[{index}]",
        "dtype": case.dtype,
        "wanted": text,
        "answers": answers,
        "right": {name: answered == text for name, answered in answers.items()},
    }


def _place(report: Report, wanted: Any, given: dict[str, Any]) -> int:
    """Return which of the answer's elements to show: one that is told, of these one got wrong.

    If no element is told, or none of these is wrong anywhere, the first wrong one, or the last.
    """
    indices = [int(index) for index in wanted.indices]
    told = [indices.index(index % report.case.num) for index in report.right]
    arrays = [bits for bits in given.values() if not isinstance(bits, str)]
    dtype = report.case.dtype
    for place in (*told, *range(len(indices))):
        right = text_of(int(wanted.bits[place]), dtype)
        if any(text_of(int(bits[indices[place]]), dtype) != right for bits in arrays):
            return place
    return told[0] if told else len(indices) - 1
