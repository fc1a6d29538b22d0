"""What a report says, as JSON data; its schema stands in this folder's README."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from typing import Any

from ..cases.public_reports import REPORTS, Report
from ..checks.scores import Tally, text_of
from ..subjects.native import kind_of, libraries_of, library_of, takes
from ..subjects.target import Target
from ..truth.answers import answer
from ..truth.case import show
from .curves import curves

SCHEMA = 1
#: What a package on an index is called, where not as the module; whatever else a run always has.
PACKAGES = {"array_api_strict": ("array-api-strict",), "jax": ("jax", "jaxlib")}
PACKAGES |= {"cupy": ("cupy-cuda12x", "cupy-cuda13x")}
ALWAYS = ("array-api-compat", "gmpy2", "numpy")
#: Whose reports a tracker has.
TRACKERS = {
    "cupy/cupy": "cupy",
    "dask/dask": "dask",
    "jax-ml/jax": "jax",
    "numpy/numpy": "numpy",
    "pytorch/pytorch": "torch",
}


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
        "versions": versions(tally.targets),
        "devices": sorted({place for one in tally.targets if (place := device_name(one))}),
        "libraries": libraries_of(tally.targets),
        "targets": [target_data(target) for target in tally.targets],
        "absent": absent,
        "results": tally.as_data(),
        "failures": failures(tally),
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


def failures(tally: Tally) -> list[dict[str, Any]]:
    """Return what is wrong by cause and kind of target, what is met most first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for target in tally.targets:
        for (function, dtype), score in tally.of(target.name).items():
            for cause, failed in score.causes.items():
                key = (kind_of(target), cause)
                group = found.setdefault(
                    key,
                    {"kind": key[0], "cause": cause, "count": 0, "program": failed.program}
                    | {"targets": [], "functions": [], "dtypes": []},
                )
                group["count"] += failed.count
                for name, value in zip(
                    ("targets", "functions", "dtypes"), (target.name, function, dtype), strict=True
                ):
                    if value not in group[name]:
                        group[name].append(value)
    return sorted(found.values(), key=lambda group: (group["kind"] == "native", -group["count"]))


def versions(targets: list[Target]) -> dict[str, str]:
    """Return the versions of what took part in a run; nothing is said of other libraries."""
    names = {*ALWAYS, *(["numba"] if "numba" in sys.modules else [])}
    for library in libraries_of(targets):
        names |= {*PACKAGES.get(library, (library,))}
    found = {}
    for name in sorted(names):
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
    """Return what each target answers today to the calls of reports about their libraries."""
    ran = libraries_of(targets)
    asked = [
        report
        for report in REPORTS
        if TRACKERS.get(report.thread.partition("#")[0]) in ran
        and report.case.function in functions
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
