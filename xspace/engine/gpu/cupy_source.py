"""The source of the kernels in CUDA C++, complete, and how it has to be compiled; needs no GPU."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from .fused import constants

__all__ = ["BLOCKS", "COLUMN_BYTES", "FILES", "OPTIONS", "ROWS", "THREADS", "source"]

#: Threads of a block.
THREADS = 256
#: Blocks of long grids that a multiprocessor is sure to run at a time.
BLOCKS = 3
#: Rows that a block makes between two looks at all its threads, and what a thread writes of each.
ROWS, COLUMN_BYTES = 32, 16

#: The file that each kernel is in.
FILES = {
    **dict.fromkeys(("powers", "sums"), "grids"),
    **dict.fromkeys(("powers_float64", "powers_float32", "sums_float64", "sums_float32"), "grids"),
    "lanes": "lanes",
}
#: Headers of the engine that each file builds upon.
_HEADERS = {"grids": ("geometric.h", "linear.h"), "lanes": ("lanes.h",)}

#: A function that says nothing else is one of the device, so that the headers need not say it; no
#: operation may be fused with another, as on the host.
OPTIONS = ("--std=c++17", "--device-as-default-execution-space", "--fmad=false")

_HERE = Path(__file__).parent
_INCLUDE = re.compile(r'^#include "(\w+\.h)"$', re.MULTILINE)


@lru_cache
def source(name: str) -> str:
    """CUDA C++ of a file, with the headers of the engine and constants: nothing to include."""
    headers: dict[str, None] = {}
    for header in _HEADERS[name]:
        headers |= dict.fromkeys(_included(header))
    words = ", ".join(f"{int(word):#x}ULL" for word in constants())
    names = {"THREADS": THREADS, "BLOCKS": BLOCKS, "ROWS": ROWS, "CONSTANT_WORDS": words}
    return "\n".join(
        [
            "#define XSPACE_ONE_TARGET",
            *(f"#define {defined} {value}" for defined, value in names.items()),
            *map(_text, headers),
            (_HERE / f"{name}.cu").read_text(),
        ]
    )


def _included(name: str) -> list[str]:
    """A header and what it includes, in the order in which they are read."""
    found: dict[str, None] = {}
    for included in _INCLUDE.findall(_read(name)):
        found |= dict.fromkeys(_included(included))
    return [*found, name]


def _text(header: str) -> str:
    return _INCLUDE.sub("", _read(header)).replace("#pragma once\n", "")


def _read(header: str) -> str:
    return (_HERE.parent / "native" / header).read_text()
