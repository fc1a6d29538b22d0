"""Sphinx: `python -m sphinx -W docs docs/_build`."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import xspace  # noqa: E402  (from this checkout)

project = "xspace"
author = "xspace developers"
copyright = "2026, xspace developers"
release = xspace.__version__

extensions = ["numpydoc", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "_data", "examples"]
default_role = "py:obj"
nitpicky = True

autodoc_typehints = "none"
# These need not be installed to read about them.
LIBRARIES = ("cupy", "dask", "jax", "mygrad", "torch")
autodoc_mock_imports = [name for name in LIBRARIES if find_spec(name) is None]
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"xspace {release}"


def read_changelog(_app, name, source):
    """Put the Markdown of the changelog, which needs little more than headings, on its page."""
    if name != "changelog":
        return
    text = (ROOT / "CHANGELOG.md").read_text()
    text = re.sub(r"`([^`]+)`", r"``\1``", text)
    text = re.sub(r"\[([^]]+)\]\(([^)]+)\)", r"`\1 <\2>`__", text)
    for marks, line in (("#", "="), ("##", "-"), ("###", "~")):
        heading = re.compile(rf"^{marks} (.*)$", re.MULTILINE)
        text = heading.sub(lambda m, line=line: f"{m[1]}\n{line * len(m[1])}", text)
    source[0] = text


def setup(app):
    app.connect("source-read", read_changelog)
