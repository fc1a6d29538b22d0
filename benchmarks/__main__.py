"""``python -m benchmarks``: what each library takes for a call, and xspace for the same one.

Both take turns in one process, on one thread of one core (but for the rows of ``workers``, and
processes of their own in those of ``process``).  Sections: ``everyday`` is NumPy, ``callers`` is
who else calls its functions, and with what, ``tensors`` is PyTorch and JAX, ``portable`` what JAX
exports.  ``XSPACE_NATIVE=0`` in the environment measures xspace without its compiled engine.  These
are measurements, not tests: nothing fails where a call is slow.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from .cores import one_core

#: This has to stand before the first import of an array library.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
    # Programs that PyTorch compiled in an earlier run do not count.
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
}

#: NumPy passes over the ones that it was not built for.
NO_AVX512 = "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"

#: Each is a module with a function `rows`.
SECTIONS = ("everyday", "callers", "tensors", "portable", "workers", "process")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--only", metavar="PATTERN", default="", help="rows that match this regex")
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all samples there, too")
    parser.add_argument(
        "--plot", metavar="FILE", type=Path, help="draw time against num there, instead of a table"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the random arguments (default: 1)")
    parser.add_argument(
        "--no-avx512",
        action="store_true",
        help="as on a processor without AVX-512, where NumPy has no vectorised pow",
    )
    parser.add_argument("--profile", action="store_true", help="where the time of a call goes")
    parser.add_argument("--gpu", action="store_true", help="measure on a GPU instead")
    parser.add_argument(
        "--write",
        metavar="DOCS",
        type=Path,
        help="make every table and drawing of the documentation in this folder, and the README's",
    )
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no section is called {', '.join(unknown)}; there are {', '.join(SECTIONS)}")

    os.environ.update(ONE_THREAD)
    warnings.filterwarnings("ignore", "dynamo_pgo force disabled")  # by ONE_THREAD
    if arguments.no_avx512:
        os.environ["NPY_DISABLE_CPU_FEATURES"] = NO_AVX512
    if arguments.gpu:
        from .gpu import main as measure_gpu

        options = ["--json", str(arguments.json)] if arguments.json else []
        return measure_gpu([*options, "--seed", str(arguments.seed)])
    if arguments.write:
        from .documents import write_documents

        return write_documents(arguments.write, quick=arguments.quick, seed=arguments.seed)
    one_core()
    how = {"quick": arguments.quick, "seed": arguments.seed}
    if arguments.profile:
        from .profile import print_profile

        print_profile(**how)
        return 0
    if arguments.plot:
        return plot(arguments.plot, arguments.json, how)
    return tabulate(arguments, parser, how)


def plot(path: Path, data: Path | None, how: dict[str, Any]) -> int:
    """Measure and draw the curves."""
    from .curves import curves
    from .plot import draw
    from .table import as_json, environment

    found = curves(**how)
    if data:
        data.write_text(as_json({**environment(), **how}, curves=found))
    for drawing in draw(found, path):
        print(f"wrote {drawing}")
    return 0


def tabulate(
    arguments: argparse.Namespace, parser: argparse.ArgumentParser, how: dict[str, Any]
) -> int:
    """Measure the rows and print them."""
    from .table import as_json, environment, print_table, title

    pattern = re.compile(arguments.only, re.IGNORECASE)
    about = {**environment(), **how}
    print(title(about))
    sections: dict[str, Any] = {}
    for section in arguments.sections or SECTIONS:
        results = []
        for row in import_module(f".{section}", __package__).rows():
            if pattern.search(row.work):
                print(f"measuring {row.work}", file=sys.stderr, flush=True)
                results.append(row.measure(**how))
        if results:
            print_table(section, results)
            sections[section] = [asdict(row) for row in results]
    if not sections:
        parser.error(f"no row matches {arguments.only!r}")
    if arguments.json:
        arguments.json.write_text(as_json(about, sections=sections))
    return 0


if __name__ == "__main__":
    sys.exit(main())
