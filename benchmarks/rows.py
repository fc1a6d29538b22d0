"""A row: a library's own call beside the one of xspace that does the same work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from .cores import all_cores
from .measure import Call, Draw, Result, numbers, race

__all__ = ["FUNCTIONS", "Row", "vocabulary"]

FUNCTIONS = ("logspace", "geomspace", "linspace")


def vocabulary(library: Any, **others: Any) -> dict[str, Any]:
    """What a library calls its functions, and other names."""
    return {name: getattr(library, name) for name in FUNCTIONS if hasattr(library, name)} | others


@dataclass(frozen=True)
class Row:
    """Two functions that get the same arguments; `work` is what the row is called."""

    work: str
    native: Call
    xspace: Call
    draw: Draw = numbers
    #: With as many threads as there are cores.
    threads: bool = False

    @classmethod
    def of(
        cls, call: str, names: Sequence[dict[str, Any]], kind: str = "", more: str = "", **how: Any
    ) -> Row:
        """What somebody would write of ``a`` and ``b``: one text, read by the names of each.

        That is the same work, and nothing but a function call is measured besides.  ``more`` is a
        further argument that xspace gets, and ``shown`` the text of a call that hides some of it.
        """
        work = (kind and f"{kind}: ") + how.pop("shown", call)
        ours = call.replace(")", f", {more})", 1) if more else call
        native, xspace = (
            eval(f"lambda a, b: {text}", dict(known))
            for text, known in zip((call, ours), names, strict=True)
        )
        return cls(work, native, xspace, **how)

    def measure(self, **how: Any) -> Result:
        with all_cores() if self.threads else nullcontext():
            samples = race({"native": self.native, "xspace": self.xspace}, self.draw, **how)
        return Result(self.work, samples["native"], samples["xspace"])
