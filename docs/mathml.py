"""A Sphinx extension: formulas as MathML, made while building, so that pages load no program."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import SphinxError


def convert(text: str, *, block: bool) -> str:
    """A formula in the notation of LaTeX as MathML; one that is not understood ends the build."""
    try:
        return tex2mathml(text.replace(r"\dots", r"\ldots"), as_block=block)  # no other dots
    except MathError as error:
        msg = f"formula {text!r}: {error}"
        raise SphinxError(msg) from error


def write_inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(convert(node.astext(), block=False))
    raise nodes.SkipNode


def write_block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(convert(node.astext(), block=True))
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
