"""A grid larger than memory, on a cluster of processes that have little of it.

``python -m xspace_conformance large`` makes grids of 10**9 elements with dask, chunk by chunk, on
a local cluster. Every element is looked at where it was made: whether the grid is monotone; and a
sample, even and random, with both ends of every chunk, is compared with the oracle, bit for bit.
The exit status is 1 if an element is wrong, or out of order."""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..cases.random_grids import FUNCTIONS
from ..checks.survey import Verdict, inspect, judge, surveyed, tasks
from ..subjects.target import Unavailable, need
from ..truth.case import Case
from ..truth.formats import FLOAT_FORMATS

ENDS = {"linspace": (-0.1, 0.7), "logspace": (-300, 300), "geomspace": (3e-300, 7e300)}
NARROW_ENDS = {"linspace": (-0.1, 0.7), "logspace": (-4, 4), "geomspace": (3e-4, 7e3)}


def case_of(function: str, num: int, dtype: str) -> Case:
    """Return the grid of a function."""
    ends = ENDS if dtype == "float64" else NARROW_ENDS
    return Case("large", function, *ends[function], num, dtype)


def peak_mib() -> float:
    """Return the largest memory that this process has had, in MiB."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit / 2**20


def warm_up() -> float:
    """Look at small grids, so that all is imported and compiled; return the peak memory."""
    import dask.array as da

    import xspace

    for function in FUNCTIONS:
        case = case_of(function, 100_000, "float64")
        grid = getattr(xspace, function)(*case.arguments, xp=da).compute(scheduler="synchronous")
        inspect(grid, 0, np.arange(2), "uint64", 1)
    return peak_mib()


@contextlib.contextmanager
def cluster(workers: int, memory: str) -> Iterator[Any]:
    """Start processes of one thread each, with a limit to their memory; yield a client."""
    distributed = need("distributed")
    with (
        tempfile.TemporaryDirectory() as folder,
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=memory,
            dashboard_address=None,
            local_directory=folder,
            silence_logs=logging.ERROR,
        ) as found,
        distributed.Client(found) as client,
    ):
        client.wait_for_workers(workers)
        yield client


def survey(client: Any, case: Case, chunks: Any, count: int, seed: int, bar: Progress) -> Verdict:
    """Make a grid on the cluster, and judge it."""
    import dask.array as da
    from distributed import as_completed

    import xspace

    make = getattr(xspace, case.function)
    grid = make(case.start, case.stop, case.num, dtype=case.dtype, xp=da, chunks=chunks)
    case = surveyed(case, grid.chunks[0], count, seed)
    futures = client.compute(tasks(grid, case))
    task = bar.add_task(f"{case.function} {case.dtype}", total=len(futures))
    parts = []
    for _, part in as_completed(futures, with_results=True):
        parts.append(part)
        bar.advance(task)
    code = case.snippet(f"da.{case.dtype}", "da")
    return judge(case, parts, f"{code[:-1]}, chunks={chunks!r})")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m xspace_conformance large", description=__doc__)
    parser.add_argument("--num", type=int, default=10**9, metavar="N", help="default: 10**9")
    parser.add_argument("--function", choices=FUNCTIONS, help="default: all three")
    parser.add_argument("--dtype", choices=FLOAT_FORMATS, default="float64")
    parser.add_argument("--chunks", type=int, default=3_999_999, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes")
    parser.add_argument("--memory", default="1GiB", metavar="SIZE", help="limit of each process")
    parser.add_argument("--sample", type=int, default=100_000, metavar="N", help="of each grid")
    parser.add_argument("--seed", type=int, metavar="N", help="default: a random one")
    arguments = parser.parse_args(argv)
    if arguments.dtype == "bfloat16":
        parser.error("dask has no bfloat16")
    if arguments.num < 1 or arguments.chunks < 1 or arguments.sample < 1:
        parser.error("--num, --chunks and --sample want positive numbers")
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2**32)
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Run, report, and return the exit status."""
    arguments = parse(argv)
    console = Console(highlight=False, soft_wrap=True)
    functions = [arguments.function] if arguments.function else FUNCTIONS
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    right = True
    try:
        need("dask")
        with cluster(arguments.workers, arguments.memory) as client:
            before = max(client.run(warm_up).values())
            with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
                for function in functions:
                    right &= one_grid(client, function, arguments, bar)
            after = max(client.run(peak_mib).values())
    except Unavailable as error:
        console.print(f"cannot run: dask and distributed are needed ({error})", markup=False)
        return 2
    whole = arguments.num * FLOAT_FORMATS[arguments.dtype].width // 8 / 2**20
    console.print(
        f"largest worker: {after:.0f} MiB ({before:.0f} MiB with small grids; "
        f"limit {arguments.memory}; a whole grid has {whole:.0f} MiB)",
        f"workers {arguments.workers}, chunks of {arguments.chunks}, seed {arguments.seed}",
        sep="\n",
        markup=False,
    )
    return 0 if right else 1


def one_grid(client: Any, function: str, arguments: argparse.Namespace, bar: Progress) -> bool:
    """Survey the grid of one function, print what came of it, and return whether it is right."""
    case = case_of(function, arguments.num, arguments.dtype)
    began = time.perf_counter()
    found = survey(client, case, arguments.chunks, arguments.sample, arguments.seed, bar)
    if found.message is not None:
        bar.console.print(found.message, markup=False)
    bar.console.print(
        f"{function} {arguments.dtype}: {found.elements} elements, {found.unordered} out of order; "
        f"{found.sampled} compared with the oracle, {found.wrong} wrong; "
        f"{time.perf_counter() - began:.1f} s",
        style="green" if found.is_right else "red",
        markup=False,
    )
    return found.is_right
