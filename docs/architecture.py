"""The house, read from its own imports: floors, arrows that climb, circles, and the way of a call.

``python docs/architecture.py`` prints it, and with ``--write`` makes the picture and the figures of
the page docs/architecture; `test_architecture` holds the rules.  Imports inside functions and those
for type checkers alone count like any other: what a file names, it depends on.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGES = ("xspace", "conformance/xspace_conformance", "benchmarks")

#: From the top to the ground: the name of a room and its files, of which the longest pattern that
#: fits decides.  A file may import its own room and those below.
FLOORS: tuple[tuple[str, str], ...] = (
    ("benchmarks", "benchmarks/*"),
    ("suite", "conformance/xspace_conformance/*"),
    ("suite: runs", "conformance/xspace_conformance/runs/*"),
    ("suite: report", "conformance/xspace_conformance/report/*"),
    ("suite: checks", "conformance/xspace_conformance/checks/*"),
    ("suite: cases", "conformance/xspace_conformance/cases/*"),
    ("suite: subjects", "conformance/xspace_conformance/subjects/*"),
    ("suite: truth", "conformance/xspace_conformance/truth/*"),
    ("what users call", "xspace/*"),
    ("call", "xspace/call/*"),
    ("deferred", "xspace/deferred/*"),
    ("lanes", "xspace/lanes/*"),
    ("grids", "xspace/grids/*"),
    ("engine", "xspace/engine/*"),
    ("libraries", "xspace/libraries/*"),
    ("exact", "xspace/exact/*"),
    ("ground", "xspace/ground/*"),
)


class Import(NamedTuple):
    """One file naming another."""

    importer: str
    imported: str
    line: int


def files() -> list[str]:
    """The files of the house, without tests, as paths from the root."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = (path.relative_to(ROOT).as_posix() for path in found)
    return sorted(name for name in names if "/test_" not in name and "/conftest" not in name)


def floor(name: str) -> int:
    """The floor of a file: 1 is the ground."""
    fitting = [depth for depth, (_, pattern) in enumerate(FLOORS) if fnmatch(name, pattern)]
    if fitting:
        return len(FLOORS) - max(fitting, key=lambda depth: len(FLOORS[depth][1]))
    raise LookupError(f"{name} lies on no floor: give it one in {Path(__file__).name}")


def imports(names: Iterable[str]) -> Iterator[Import]:
    """Every import of one of these files by another one."""
    modules = {_module(name): name for name in names}
    for module, name in modules.items():
        package = module if name.endswith("__init__.py") else module.rpartition(".")[0]
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            for wanted in _wanted(node, package):
                owner = _owner(wanted, modules)
                if owner is not None and owner != name:
                    yield Import(name, owner, node.lineno)


def climbing(arrows: Iterable[Import]) -> list[Import]:
    """The imports that lead to a higher floor."""
    return [arrow for arrow in arrows if floor(arrow.imported) > floor(arrow.importer)]


def describe(arrow: Import) -> str:
    """An import in words: file, line, and both floors."""
    rooms = [FLOORS[-floor(name)][0] for name in (arrow.importer, arrow.imported)]
    return (
        f"{arrow.importer}:{arrow.line} ({rooms[0]}, floor {floor(arrow.importer)}) imports "
        f"{arrow.imported} ({rooms[1]}, floor {floor(arrow.imported)})"
    )


def circles(arrows: Iterable[Import]) -> list[list[str]]:
    """Files that import each other in a loop: strongly connected components (Tarjan, 1972)."""
    graph: dict[str, set[str]] = {}
    for importer, imported, _ in arrows:
        graph.setdefault(importer, set()).add(imported)
        graph.setdefault(imported, set())
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            place = stack.index(name)
            circle = sorted(stack[place:])
            del stack[place:]
            if len(circle) > 1:
                found.append(circle)

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return sorted(found, key=len, reverse=True)


def _module(name: str) -> str:
    name = name.removeprefix("conformance/")  # where the suite lies, no package
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _wanted(node: ast.AST, package: str) -> Iterator[str]:
    """The dotted names that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")
        above = above[: len(above) - node.level + 1] if node.level else []
        start = ".".join([*above, *filter(None, [node.module])])
        yield from (f"{start}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        constants = (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))
        yield from (importlib.util.resolve_name(name, package) for name in constants)


def _owner(wanted: str, modules: dict[str, str]) -> str | None:
    """The file of the house that a dotted name leads to."""
    while wanted:
        if wanted in modules:
            return modules[wanted]
        wanted = wanted.rpartition(".")[0]
    return None


def way_of(call: Callable[[], Any]) -> list[str]:
    """The files of the package that a warm call goes through, one for each move between two."""
    package = str(ROOT / "xspace")
    moves: list[str] = []

    def note(frame: Any, event: str, _: Any) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(package):
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(package):
            caller = caller.f_back
        if caller is None or caller.f_code.co_filename != name:
            moves.append(Path(name).relative_to(ROOT).as_posix())

    call()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return moves


def calls() -> dict[str, Callable[[], Any]]:
    """What is followed: one call of each kind."""
    sys.path.insert(0, str(ROOT))
    import numpy as np

    import xspace

    ends = np.linspace(1, 2, 8)
    found = {
        "50 floats": lambda: xspace.logspace(0, 1),
        "50 floats, workers=1": lambda: xspace.logspace(0, 1, workers=1),
        "50 between fractions": lambda: xspace.logspace(Fraction(1, 3), 1),
        "10**5 floats": lambda: xspace.logspace(0, 1, 10**5),
        "50 of int64": lambda: xspace.linspace(0, 1000, dtype=np.int64),
        "50 complex": lambda: xspace.logspace(0, 1j),
        "8 lanes of 50": lambda: xspace.logspace(0, ends),
    }
    for title, name in (("50 of torch", "torch"), ("50 of dask", "dask.array")):
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        found[title] = lambda library=library: xspace.logspace(0, 1, xp=library)
    return found


def report() -> Iterator[str]:
    """The house, and the way of each call, line by line."""
    names = files()
    arrows = sorted(set(imports(names)))
    lines = {name: len((ROOT / name).read_text().splitlines()) for name in names}
    for depth, (room, _) in enumerate(FLOORS):
        here = [n for n in names if floor(n) == len(FLOORS) - depth]
        yield f"{room:16} {len(here):4} files {sum(lines[n] for n in here):7,} lines"
    in_package = sum(n for name, n in lines.items() if name.startswith("xspace/"))
    pairs = {arrow[:2] for arrow in arrows}
    yield f"{len(names)} files, {in_package:,} lines in xspace, {len(pairs)} arrows"
    up = climbing(arrows)
    yield f"arrows that climb: {len({arrow[:2] for arrow in up})}"
    yield from (f"  {describe(arrow)}" for arrow in up)
    found = circles(arrows)
    yield f"circles: {len(found)}"
    yield from (f"  of {len(circle)}: {', '.join(circle)}" for circle in found)
    for title, call in calls().items():
        moves = way_of(call)
        yield f"{title:22} {len(set(moves)):3} files {len(moves):4} moves"


#: The picture: a row for each room of the library, and an arc for each room that it names.
PICTURES = {
    "rooms.svg": {"ink": "#1b2026", "quiet": "#566069", "box": "#e3e6e9", "arc": "#1a5a9e"},
    "rooms-dark.svg": {"ink": "#e6e9ec", "quiet": "#a8b1ba", "box": "#333c46", "arc": "#8cc4ff"},
}
_LEFT, _TOP, _ROW, _BOX, _WIDTH = 8, 8, 52, 40, 420
_STYLE = """\
text {{ font: 13px system-ui, -apple-system, Roboto, Arial, sans-serif; fill: {quiet} }}
.room {{ font-size: 15px; font-weight: 600; fill: {ink} }}
rect {{ fill: {box} }}
path {{ fill: none; stroke: {arc}; stroke-width: 1.4; opacity: 0.75 }}
.head {{ fill: {arc}; stroke: none; opacity: 1 }}
"""


def rooms() -> dict[str, str]:
    """The rooms of the library from the top, and what each says of itself in its README."""
    found = {}
    for name, pattern in FLOORS:
        if pattern.startswith("xspace/"):
            title = (ROOT / pattern).with_name("README.md").read_text().splitlines()[0]
            found[name] = title.removeprefix("# ").partition(": ")[2]
    return found


def picture(colours: dict[str, str]) -> str:
    """The rooms from the top to the ground as SVG, and which of them names which."""
    names = [name for name in files() if name.startswith("xspace/")]
    words = rooms()
    top = [name for name, _ in FLOORS].index(next(iter(words)))
    pairs = {
        (len(FLOORS) - floor(a.importer) - top, len(FLOORS) - floor(a.imported) - top)
        for a in imports(names)
    }
    height, right = _TOP + _ROW * len(words), _LEFT + _WIDTH
    parts = [f"<style>{_STYLE.format(**colours)}</style>"]
    for row, (name, text) in enumerate(words.items()):
        y = _TOP + _ROW * row
        parts += [
            f'<rect x="{_LEFT}" y="{y}" width="{_WIDTH}" height="{_BOX}" rx="5"/>',
            f'<text class="room" x="{_LEFT + 12}" y="{y + 25}">{name}</text>',
            f'<text x="{_LEFT + 150}" y="{y + 25}">{text}</text>',
        ]
    for upper, lower in sorted(pairs):
        if upper != lower:
            # Arcs leave below the middle of a room, and arrive above it.
            y, end = _TOP + _ROW * upper + 26, _TOP + _ROW * lower + 14
            out = right + 12 + 30 * abs(lower - upper)
            parts += [
                f'<path d="M{right} {y} C{out} {y} {out} {end} {right + 6} {end}"/>',
                f'<path class="head" d="M{right} {end} l8 -4 v8 z"/>',
            ]
    width = right + 20 + 30 * len(words) * 3 // 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f"<title>The rooms of xspace: {', '.join(words)}</title>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def main() -> None:
    """Print the house; with ``--write``, note it and draw it, too."""
    lines = list(report())
    print("\n".join(lines))
    if "--write" in sys.argv[1:]:
        docs = ROOT / "docs"
        (docs / "_data" / "architecture.txt").write_text("\n".join(lines) + "\n")
        for name, colours in PICTURES.items():
            (docs / "_static" / name).write_text(picture(colours))


if __name__ == "__main__":
    main()
