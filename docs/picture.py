"""The picture of the landing page: the error of every element of a `logspace`, library by library.

    python docs/picture.py

It measures NumPy, PyTorch, JAX and xspace against MPFR, and writes `_static/errors.svg` and
`_static/errors-dark.svg`.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import gmpy2
import jax.numpy
import numpy
import torch

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent / "conformance")]

from xspace_conformance.report.page.error_plot import Axis, Frame, axis_for, label  # noqa: E402
from xspace_conformance.report.page.markup import el, share, size  # noqa: E402

import xspace  # noqa: E402  (from this checkout)

START, STOP, NUM = -300, 300, 6001
LIBRARIES = {"NumPy": numpy, "PyTorch": torch, "JAX": jax.numpy, "xspace": xspace}
WIDTH, HEIGHT = 860, 396
LEFT, TOP, GAP, PANEL = 58, 116, 14, (184, 220)
ROLES = ("ground", "ink", "quiet", "line", "band", "theirs", "ours")
LIGHT = ("#ffffff", "#1b2026", "#566069", "#d4d8dc", "#e3e6e9", "#b4480f", "#1a5a9e")
DARK = ("#14171b", "#e6e9ec", "#a8b1ba", "#363e47", "#333c46", "#f2935c", "#8cc4ff")
FILES = {"errors.svg": LIGHT, "errors-dark.svg": DARK}
STYLE = """
text {{ font: 13px system-ui, -apple-system, Roboto, Arial, sans-serif; fill: {quiet} }}
.head {{ font-size: 17px; font-weight: 600; fill: {ink} }}
.name {{ font-size: 15px; font-weight: 600; fill: {ink} }}
.end {{ text-anchor: end }} .mid {{ text-anchor: middle }}
.line {{ fill: none; stroke: {line} }}
.marks {{ fill: none; stroke-width: 1.3; stroke-linecap: round }}
"""


def errors(grid):
    """The signed error of each element in ulp, against MPFR's value to 300 bits."""
    return [_error(element, i) for i, element in enumerate(grid)]


def _error(element, i):
    with gmpy2.context(precision=300):
        exponent = gmpy2.mpq(START * (NUM - 1 - i) + STOP * i, NUM - 1)
        exact = gmpy2.exp10(gmpy2.mpfr(exponent))
        return float((gmpy2.mpfr(element) - exact) / gmpy2.exp2(gmpy2.get_exp(exact) - 53))


def measure():
    """The errors of every library, by its name."""
    grids = {
        name: xp.logspace(START, STOP, NUM, dtype=(numpy if xp is xspace else xp).float64)
        for name, xp in LIBRARIES.items()
    }
    return {name: errors(grid.tolist()) for name, grid in grids.items()}


def verdict(found):
    """What a panel says under its name, in two lines."""
    wrong = sum(abs(error) > 0.5 for error in found)
    largest = size(max(map(abs, found)))
    words = f"{share(wrong, len(found))} wrong" if wrong else "none wrong"
    return words, f"up to {largest} ulp off"


def row(error, axis):
    """Where an error lies."""
    return round(TOP + axis.part(error) * PANEL[1], 1)


def panel(place, name, found, axis, colours):
    """One library."""
    left = LEFT + place * (PANEL[0] + GAP)
    frame = Frame(left, TOP, *PANEL)
    path, lost = frame.marks(range(NUM), found, NUM - 1, axis)
    assert not lost
    upper, lower = (row(error, axis) for error in (0.5, -0.5))
    rows = [row(tick, axis) for tick in axis.ticks]
    below = TOP + PANEL[1] + 20
    kind = "ours" if name == "xspace" else "theirs"
    band = {"x": left, "y": upper, "height": round(lower - upper, 1)}
    return [
        el("text", name, x=left, y=TOP - 48, class_="name"),
        [
            el("text", line, x=left, y=TOP - 29 + 17 * number)
            for number, line in enumerate(verdict(found))
        ],
        el("rect", **band, width=PANEL[0], fill=colours["band"]),
        el("path", d="".join(f"M{left} {y:g}h{PANEL[0]}" for y in rows), class_="line"),
        el("path", d=path, class_="marks", stroke=colours[kind]),
        el("text", f"1e{START}", x=left, y=below),
        el("text", "1", x=left + PANEL[0] / 2, y=below, class_="mid"),
        el("text", f"1e{STOP}", x=left + PANEL[0], y=below, class_="end"),
    ]


def picture(measured, axis: Axis, colours):
    """The whole picture as SVG."""
    call = f"logspace({START}, {STOP}, {NUM})"
    title = f"The error of each element of {call} in ulp, float64"
    words = "; ".join(f"{name}: {', '.join(verdict(found))}" for name, found in measured.items())
    versions = ", ".join(
        f"{name} {version(package).partition('+')[0]}"
        for name, package in (("NumPy", "numpy"), ("PyTorch", "torch"), ("JAX", "jax"))
    )
    note = f"{versions}, measured against MPFR. The band is half an ulp to each side."
    levels = [
        el(
            "text",
            label(tick),
            x=LEFT - 8,
            y=f"{row(tick, axis) + 4:g}",
            class_="end",
        )
        for tick in axis.ticks
    ]
    panels = [panel(place, *named, axis, colours) for place, named in enumerate(measured.items())]
    return el(
        "svg",
        el("title", title, id="title"),
        el("desc", f"{words}.", id="words"),
        el("style", STYLE.format(**colours)),
        el("rect", width=WIDTH, height=HEIGHT, rx=8, fill=colours["ground"]),
        el("text", title, x=LEFT, y=28, class_="head"),
        levels,
        panels,
        el("text", note, x=LEFT, y=HEIGHT - 14),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby="title",
        aria_describedby="words",
    )


def main():
    measured = measure()
    axis = axis_for(list(measured.values()))
    for name, colours in FILES.items():
        path = FOLDER / "_static" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"{picture(measured, axis, dict(zip(ROLES, colours, strict=True)))}\n", encoding="utf-8"
        )
        print(f"{path.relative_to(FOLDER.parent)}: {path.stat().st_size / 1000:.0f} kB")
    for name, found in measured.items():
        print(f"{name}: {', '.join(verdict(found))}")


if __name__ == "__main__":
    main()
