"""Sphinx: `python -m sphinx -W docs docs/_build`."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]

import xspace  # noqa: E402  (from this checkout)

project = "xspace"
author = "xspace developers"
copyright = "2026, xspace developers"
release = xspace.__version__

extensions = [
    "mathml",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "_data", "_templates", "examples", "inventories"]
templates_path = ["_templates"]
default_role = "py:obj"

nitpicky = True
#: The names of types in signatures, which the page of the API explains in words.
TYPES = [
    *("Array", "ArrayLike", "Complex", "Date", "EndLike", "Inclusive", "Namespace", "Number"),
    *("OfNumPy", "Plain", "Real", "Samples", "Span", "Tensor", "Whole", "_S"),
]
nitpick_ignore = [("py:class", name) for name in TYPES]
nitpick_ignore_regex = [
    (r"py:.*", r"(cupy|da|dask|jax|mygrad|npt?|numpy|torch|xspace\.ranges)\..*|.*\._S")
]

# The inventory of each project is fetched where there is a network.  Without one, the names that
# these pages need are in a text file, and the links are the same.
intersphinx_mapping = {
    name: (address, (None, str(DOCS / "inventories" / f"{name}.txt")))
    for name, address in {
        "dask": "https://docs.dask.org/en/stable/",
        "jax": "https://docs.jax.dev/en/latest/",
        "numpy": "https://numpy.org/doc/stable/",
        "python": "https://docs.python.org/3/",
        "torch": "https://docs.pytorch.org/docs/stable/",
    }.items()
}
intersphinx_timeout = 5

# A prompt is not copied, nor is what an example prints.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autodoc_typehints = "signature"
python_maximum_signature_line_length = 80
# These need not be installed to read about them.
LIBRARIES = ("cupy", "dask", "jax", "mygrad", "torch")
autodoc_mock_imports = [name for name in LIBRARIES if find_spec(name) is None]
numpydoc_show_class_members = False

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"xspace {release}"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_js_files = ["scroll.js"]
html_search_scorer = str(DOCS / "_static" / "scorer.js")
html_math_renderer = "mathml"


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
