"""The plots of the report's page, and the contrast of its colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from xspace_conformance.report.html import FOLDER
from xspace_conformance.report.page import error_plot


class TestPlot:
    def test_large_grids_stay_small(self):
        num = 100_000
        errors = [((i * 7919) % 1000 - 500) / (1 + i % 13) for i in range(num)]
        axis = error_plot.axis_for([errors])
        plot = error_plot.error_plot(
            range(num), errors, num, axis, kind="ours", described_by=("a", "b"), words=("a", "b")
        )
        assert len(plot) < 150_000

    def test_place_is_symmetric_monotone_and_on_the_axis(self):
        axis = error_plot.axis_for([[0.1, -1234.5, None, float("nan")]])
        assert axis.signed
        errors = [-1234.5, -10, -1, -0.5, 0, 0.5, 1, 10, 1234.5]
        parts = [axis.part(e) for e in errors]
        assert parts == sorted(parts, reverse=True)
        assert 0 < parts[-1] < parts[0] < 1
        assert all(axis.part(e) + axis.part(-e) == pytest.approx(1) for e in errors)

    def test_no_element_is_left_out(self):
        axis = error_plot.Axis(1.0)
        frame = error_plot.Frame(0, 0, 10, 10)
        path, lost = frame.marks([0, 1, 1, 2, 3], [0, 0, 0.1, float("inf"), None], 10, axis)
        assert path == "M0 5v.01M1 5v.01"
        assert lost == [2, 3]
        assert list(error_plot.runs([1, 2, 3, 7])) == [(1, 2), (7, 0)]

    def test_errors_without_signs_get_half_an_axis(self):
        axis = error_plot.axis_for([[0.0, 30.0]])
        assert not axis.signed
        assert min(axis.ticks) == 0
        assert axis.part(0) == 1


def palette(source: str) -> dict[str, tuple[float, float, float]]:
    found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", source)
    return {name: tuple(int(c[i : i + 2], 16) / 255 for i in (0, 2, 4)) for name, c in found}


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [(ink, ground) for ink in ("ink", "quiet", "link") for ground in ("ground", "panel")]
TEXT += [(f"{g}-ink", f"{g}-ground") for g in ("right", "near", "wrong", "raised")]
SIGNS = [(mark, ground) for mark in ("ours", "theirs") for ground in ("panel", "band")]
SIGNS += [("link", "ground"), ("wrong-ink", "panel"), ("edge", "ground")]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_contrast(scheme):
    style = Path(FOLDER / "style.css").read_text()
    light, rest = style.split("@media (prefers-color-scheme: dark)")
    dark, printed = rest.split("@media print")
    colours = palette({"light": light, "dark": dark, "print": printed}[scheme])
    assert set(colours) == set(palette(light))
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT}
    assert not {pair: ratio for pair, ratio in low.items() if ratio < 4.5}
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in SIGNS}
    assert not {pair: ratio for pair, ratio in low.items() if ratio < 3}
