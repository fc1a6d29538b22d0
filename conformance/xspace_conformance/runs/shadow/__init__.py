"""Plugin of pytest: another project's tests with the drop-in functions in a library's shadow.

``pytest -p xspace_conformance.runs.shadow --pyargs scipy.interpolate`` runs them as ever, but
each call of ``numpy.linspace``, ``logspace``, ``geomspace`` and ``arange`` calls the drop-in
function as well, and what is different is written down. ``python -m xspace_conformance shadow LOG
...`` prints the tables of logs again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from .calls import NAMESPACES, shadow
from .log import Log, read, summarize

_RUN = pytest.StashKey["Run"]()


class Run:
    """One process of a run: its log, and the way back."""

    def __init__(self, options: Any, folder: Path) -> None:
        self.path = folder / options.shadow_log
        self.offset = self.path.stat().st_size if self.path.exists() else 0
        project = options.shadow_project or _project(options.file_or_dir, folder)
        self.log = Log(self.path, project)
        libraries = list(dict.fromkeys(options.shadow or ["numpy"]))
        other = options.shadow_return == "dropin"
        self.back: Callable[[], None] = shadow(libraries, self.log, returns_other=other)


def _project(named: list[str], folder: Path) -> str:
    """Return the first module or file that is named, without its tests; else the folder."""
    return named[0].partition("::")[0] if named else folder.name


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("shadow", "functions in the shadow of a library's own")
    group.addoption(
        "--shadow",
        action="append",
        choices=list(NAMESPACES),
        help="library whose functions get a shadow, repeatable (default: numpy)",
    )
    group.addoption(
        "--shadow-log",
        default="shadow.jsonl",
        metavar="PATH",
        help="file to which the differences are added (default: %(default)s)",
    )
    group.addoption(
        "--shadow-return",
        choices=["original", "dropin"],
        default="original",
        help="whose result the caller gets (default: %(default)s)",
    )
    group.addoption("--shadow-project", metavar="NAME", help="how the log calls these tests")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the functions in place before anything of the project is imported."""
    options = early_config.known_args_namespace
    early_config.stash[_RUN] = Run(options, early_config.invocation_params.dir)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the counts of this process, before the last one that does reads them."""
    session.config.stash[_RUN].log.close()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table of this run, of all its processes."""
    run = config.stash[_RUN]
    terminalreporter.section(f"shadow: {run.path}")
    console = Console(width=max(terminalreporter._tw.fullwidth, 100), no_color=True)
    with console.capture() as captured:
        summarize(read(run.path, run.offset), console)
    terminalreporter.write(captured.get())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the library's functions back."""
    config.stash[_RUN].back()


def main(paths: list[str]) -> None:
    """Print the table of some logs."""
    logs = paths or ["shadow.jsonl"]
    summarize([one for path in logs for one in read(Path(path))], Console())
