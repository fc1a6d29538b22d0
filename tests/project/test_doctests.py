"""The examples of docstrings and pages do what they show, and every public function has some."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

import xspace
import xspace.testing
from xspace.__main__ import main

ROOT = Path(__file__).parents[2]

MODULES = [
    module.name
    for module in pkgutil.walk_packages(xspace.__path__, "xspace.")
    if not module.name.endswith("__main__")
]

PUBLIC = [
    *(getattr(xspace, name) for name in xspace.__all__ if not name.startswith("_")),
    *(getattr(xspace.testing, name) for name in xspace.testing.__all__),
]

#: What the pages themselves make, or bring.
OWN = {"low_pass", "mypackage"}

#: Every page of the documentation, however deep, and every page for who reads the repository.
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/*.rst"), *ROOT.glob("[!.]*/**/*.md")]
    if not {"_build", "generated", "build", "dist"} & set(page.relative_to(ROOT).parts[:-1])
)


def gpus() -> int:
    """How many GPUs CuPy finds."""
    import cupy

    try:
        return int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError:
        return 0


@pytest.mark.parametrize("name", ["xspace", *MODULES])
def test_examples(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if error.name is None or error.name.startswith("xspace"):
            raise
        pytest.skip(f"{error.name} is not installed")
    if name.endswith(".cupy") and not gpus():
        pytest.skip("CuPy finds no GPU")
    failed = doctest.testmod(module).failed
    assert failed == 0, "see the output above"


@pytest.mark.parametrize(
    "thing", [t for t in PUBLIC if callable(t)], ids=lambda thing: thing.__name__
)
def test_every_public_function_has_examples(thing):
    finder = doctest.DocTestFinder(recurse=False)
    assert any(test.examples for test in finder.find(thing))


@pytest.mark.parametrize("kind", [xspace.LinRange, xspace.LogRange, xspace.GeomRange])
def test_every_method_of_a_range_has_examples(kind):
    methods = [m for n, m in inspect.getmembers(kind) if not n.startswith("_")]
    finder = doctest.DocTestFinder(recurse=False)
    without = [m for m in methods if not any(test.examples for test in finder.find(m, name="m"))]
    assert methods
    assert not without


@pytest.mark.parametrize(
    "name", [n for n in MODULES if n.startswith("xspace.dropin.") and ".dropin._" not in n]
)
def test_every_drop_in_function_has_examples(name):
    if name.endswith("._shared"):
        return
    tree = ast.parse((ROOT / (name.replace(".", "/") + ".py")).read_text(encoding="utf-8"))
    functions = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
    public = {n: f for n, f in functions.items() if not n.startswith("_")}
    assert {"linspace", "logspace", "geomspace", "arange"} <= public.keys()
    assert [n for n, f in public.items() if ">>>" not in (ast.get_docstring(f) or "")] == []


# Pages.


def blocks_of(page: str, language: str) -> list[str]:
    """The blocks of code of a page in one language, without their indentation."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".md"):
        return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    pattern = rf"^( *)\.\. code-block:: {language}\n(?:\1 +:.*\n)*\n((?:\1 +.*\n|\s*\n)+)"
    return [textwrap.dedent(block) for _, block in re.findall(pattern, text + "\n", re.MULTILINE)]


def needed(examples: list[doctest.Example]) -> set[str]:
    """The packages that examples import."""
    found = set()
    for example in examples:
        for node in ast.walk(ast.parse(example.source)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
                if (node.module or "").startswith("xspace.dropin"):
                    found |= {(node.module or "").partition("dropin.")[2]} - {""}
    return found - OWN


def missing(packages: set[str]) -> list[str]:
    return sorted(name for name in packages if find_spec(name) is None)


@pytest.mark.parametrize("page", PAGES)
def test_page(page, monkeypatch, tmp_path):
    text = (ROOT / page).read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    monkeypatch.syspath_prepend(ROOT / "docs" / "examples")
    if absent := missing(needed(test.examples)):
        pytest.skip(f"not installed: {', '.join(absent)}")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of other libraries' own functions
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert result.failed == 0, "see the output above"


SESSIONS = [(page, block) for page in PAGES for block in blocks_of(page, "console")]


def commands_of(session: str) -> list[tuple[str, str]]:
    """The commands of a session in a shell, and what each prints."""
    parts = re.split(r"^\$ (.*)\n", session, flags=re.MULTILINE)
    return [(c, o.rstrip()) for c, o in zip(parts[1::2], parts[2::2], strict=True)]


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (command, printed)
        for _, session in SESSIONS
        for command, printed in commands_of(session)
        if "xspace " in command and " --out " not in command  # files of many gigabytes
    ],
)
def test_command(command, printed, capsys):
    if not command.startswith("xspace ") or "|" in command:
        assert in_shell(command) == printed
        return
    words = shlex.split(command)[1:]
    if "--backend" in words and (absent := missing({words[words.index("--backend") + 1]})):
        pytest.skip(f"not installed: {', '.join(absent)}")
    main(words)
    got = capsys.readouterr()
    assert (got.out + got.err).rstrip() == printed


def in_shell(command: str) -> str:
    """What a command line with pipes or loops prints, with this checkout's program."""
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("there is no bash")
    program = f'xspace() {{ "{sys.executable}" -m xspace "$@"; }}; {command}'
    done = subprocess.run(
        [bash, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.rstrip()


def test_sessions_are_found():
    """A pattern that finds nothing would pass every test above."""
    assert "docs/quickstart.rst" in {page for page, _ in SESSIONS}


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page, "python")])
def test_python_in_a_page_compiles(page):
    for block in blocks_of(page, "python"):
        # A list of signatures is no program, but each of them is the head of one; and what is a
        # part of a function is put into one.
        program = re.sub(r"^(\w+\(.*\*,.*\))$", r"def \1: ...", block, flags=re.MULTILINE)
        ast.parse("def function():\n" + textwrap.indent(textwrap.dedent(program), "    "), page)


def test_the_program_of_the_tutorial():
    """Its tests, as its reader runs them."""
    folder = ROOT / "docs" / "examples"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
