"""Every link inside of the documentation and between the files of the repository leads somewhere.

The pages are built once, with warnings as errors; nothing is fetched.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import xspace
import xspace.testing

ROOT = Path(__file__).parents[2]
MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / "conformance").rglob("*.md")])


class Page(HTMLParser):
    """The anchors of a page, and what it links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors, self.links = {"", "top"}, set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The documentation, with warnings as errors; `.ci/run` builds it nowhere else."""
    for module in ("sphinx", "furo", "numpydoc"):
        pytest.importorskip(module, reason="the documentation is built with sphinx")
    out = tmp_path_factory.mktemp("html")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    result = subprocess.run(
        [*command, "-d", str(tmp_path_factory.mktemp("doctrees")), str(ROOT / "docs"), str(out)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return out


def is_own(link: str) -> bool:
    """Whether a link stays inside of the site or the repository."""
    parts = urlsplit(link)
    return not parts.scheme and not parts.netloc


def broken(pages: dict[Path, Page]) -> list[str]:
    """The links that lead nowhere."""
    found = []
    for path, page in pages.items():
        for link in filter(is_own, page.links):
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{path.name}: {link}")
            elif target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{path.name}: {link} has no such anchor")
    return found


def test_links_of_the_pages(site):
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    assert len(pages) > 30
    assert sum(len(page.links) for page in pages.values()) > 500
    assert broken(pages) == []


def test_pages_load_nothing_from_elsewhere(site):
    """No script, style or picture: what is read is on the site."""
    loads = re.compile(r'<(?:script|img|link)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')
    found = {p.name: loads.findall(p.read_text(encoding="utf-8")) for p in site.rglob("*.html")}
    assert {name: tags for name, tags in found.items() if tags} == {}
    assert loads.findall('<script src="https://example.org/a.js"></script>')
    assert "<math" in (site / "method" / "geometric.html").read_text(encoding="utf-8")


def test_what_scrolls_sideways_is_found_by_its_class(site):
    """The script that lets keys reach it, on every page; `test_scrolling` has what it does."""
    script = (site / "_static" / "scroll.js").read_text(encoding="utf-8")
    for page, place in (
        ("contract", 'class="table-wrapper'),
        ("contract", '<div class="highlight"><pre>'),
        ("method/geometric", '<div class="math'),
    ):
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        assert place in text
        assert re.search(r'<script src="[./]*_static/scroll\.js', text)
    for selector in (".highlight pre", ".table-wrapper", "div.math"):
        assert f'"{selector}"' in script


def test_each_public_name_has_a_page_with_types(site):
    for name in {*xspace.__all__} - {"__version__"}:
        page = (site / "generated" / f"xspace.{name}.html").read_text(encoding="utf-8")
        assert "SupportsIndex" in page or name in ("ArithRange", "arange", "show_config"), name
        assert "Array" in page or "EndLike" in page or name == "show_config", name


def test_the_search_ranks_by_the_scorer_of_the_project(site):
    scorer = (ROOT / "docs" / "_static" / "scorer.js").read_text(encoding="utf-8")
    assert scorer in (site / "_static" / "language_data.js").read_text(encoding="utf-8")


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<h1 id="here"><a href="#here">1</a><a href="#gone">2</a><a href="no.html">3</a>'
    )
    assert broken({page.resolve(): Page(page)}) != []
    assert len(broken({page.resolve(): Page(page)})) == 2


def headings(path: Path) -> set[str]:
    """The anchors that a Markdown page has on the sites that show repositories."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_markdown(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    links = re.findall(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)", text)
    for link in filter(is_own, links):
        parts = urlsplit(link)
        target = path.parent / unquote(parts.path) if parts.path else path
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in headings(target), link


def test_the_readme_and_the_guide_have_links():
    """A pattern that finds none would pass the test above."""
    for name in ("README.md", "CONTRIBUTING.md"):
        assert len(re.findall(r"\]\([^)\s]+\)", (ROOT / name).read_text(encoding="utf-8"))) > 5


def test_every_public_name_is_in_the_reference(site):
    """The inventory lists what `:py:obj:` can refer to."""
    data = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    documented = {line.split()[0] for line in zlib.decompress(data).decode().splitlines()}
    wanted = {f"xspace.{name}" for name in xspace.__all__}
    wanted |= {f"xspace.testing.{name}" for name in xspace.testing.__all__}
    wanted |= {"xspace.jax.engine_in_exports", "xspace.jax.register_engine"}
    methods = [name for name in dir(xspace.LinRange) if not name.startswith("_")]
    wanted |= {f"xspace.LinRange.{name}" for name in methods}
    for library in ("numpy", "cupy", "torch", "jax", "dask", "mygrad"):
        functions = ("linspace", "logspace", "geomspace", "arange")
        wanted |= {f"xspace.dropin.{library}.{function}" for function in functions}
    assert sorted(wanted - documented) == []


def test_docstrings_have_the_sections_of_numpydoc():
    """Parameters, what comes back, what is raised, and examples, where there is such a thing."""
    functions = [xspace.linspace, xspace.logspace, xspace.geomspace, xspace.arange]
    functions += [xspace.testing.assert_identical, xspace.testing.ulp_distance]
    for function in functions:
        wanted = ["Parameters", "Raises", "See Also", "Examples"]
        if function is not xspace.testing.assert_identical:
            wanted.append("Returns")
        for section in wanted:
            assert f"\n    {section}\n    {'-' * len(section)}\n" in function.__doc__, function
    for kind in (xspace.LinRange, xspace.LogRange, xspace.GeomRange):
        for section in ("Parameters", "Raises", "See Also", "Examples"):
            assert f"\n    {section}\n    {'-' * len(section)}\n" in kind.__doc__, kind
