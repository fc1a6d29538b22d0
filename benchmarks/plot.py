"""The curves as a drawing, for light pages and for dark ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .curves import NAMES
from .measure import Spread

__all__ = ["draw"]

Curves = dict[str, dict[int, list[float]]]

#: Text, grid lines, and the curves in the order of `NAMES`.
_LIGHT = "#333333", "#d5d5d5", ("#4c72b0", "#c44e52", "#8172b3", "#1b7837", "#888888")
_DARK = "#dddddd", "#444444", ("#8da9e0", "#ef8a8f", "#b7a7e8", "#7fd48f", "#999999")


def draw(found: Curves, path: Path) -> list[Path]:
    """Write ``path`` and, with ``-dark`` in its name, the one for dark pages."""
    dark = path.with_stem(f"{path.stem}-dark")
    path.parent.mkdir(parents=True, exist_ok=True)
    for place, colours in ((path, _LIGHT), (dark, _DARK)):
        _draw(found, place, *colours)
    return [path, dark]


def _draw(found: Curves, path: Path, text: str, lines: str, colours: tuple[str, ...]) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: dict[str, Any] = {
        "font.size": 10,
        "svg.hashsalt": "xspace",  # equal numbers make equal files
        "text.color": text,
        "axes.labelcolor": text,
        "axes.edgecolor": text,
        "xtick.color": text,
        "ytick.color": text,
    }
    with rc_context(style):
        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        axes = figure.add_subplot(xscale="log", yscale="log")
        for (name, label), colour in zip(NAMES.items(), colours, strict=True):
            if name not in found:
                continue
            nums = sorted(found[name])
            spreads = [Spread.of(found[name][num]) for num in nums]
            width = 2.4 if label.startswith("xspace") else 1.4
            style_of = "--" if name == "full" else "-"
            median = [s.median for s in spreads]
            axes.plot(nums, median, style_of, color=colour, linewidth=width, label=label)
            low, high = [s.low for s in spreads], [s.high for s in spreads]
            axes.fill_between(nums, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.set_xlabel("num")
        axes.set_ylabel("seconds a call")
        axes.grid(color=lines, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        figure.savefig(path, transparent=True, metadata={"Date": None})
