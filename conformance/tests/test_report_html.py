"""The report's page: well-formed, readable without sight, safe against its own data."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from xspace_conformance.report.html import page, write_html
from xspace_conformance.report.page import common, curves, markup, summary
from xspace_conformance.report.page.agreement import merged, pairs
from xspace_conformance.report.page.curves import Summary
from xspace_conformance.report.page.public import givers, threads
from xspace_conformance.report.page.public import verdict as reports_verdict
from xspace_conformance.report.sample import namespaces, sample

HOSTILE = (
    "\"'><script>alert(1)</script><img src=https://a.example/x onerror=a()>"
    "&amp;\x00\ud800\u202e$style ${x}"
)
VOID = {"meta", "link", "br", "hr", "wbr", "img"}
LOADING = {"script", "img", "iframe", "object", "embed", "audio", "video", "source", "base", "form"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element] = []
        self.text = ""

    def all(self, *tags: str) -> list[Element]:
        """Elements of some tags in here, in the order of the page; all if none is named."""
        found = []
        for child in self.children:
            found += [child] if not tags or child.tag in tags else []
            found += child.all(*tags)
        return found

    def words(self) -> str:
        return self.text + "".join(child.words() for child in self.children)


class Tree(HTMLParser):
    """Reads a page into elements, and fails where tags are not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {}, None)
        self.feed(source)
        self.close()
        assert self.here is self.root, f"<{self.here.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.here.tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.text += data


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(sample(60)))
    return found


def failing(data: dict[str, Any]) -> dict[str, Any]:
    """The same report with every kind of fault in it."""
    data = copy.deepcopy(data)
    ours = [row for row in data["results"] if row["target"] == "numpy:cpu"]
    worst = {"snippet": "a", "index": 3, "got": "0x1p+0", "wanted": "0x1.8p+0"}
    ours[0].update(wrong=2, worst_ulp=None, worst=worst)
    ours[1].update(raised=1, elements=0, complaint="ValueError: no")
    ours[2].update(elements=0)
    data["agreement"][0]["differ"][0][1] = data["agreement"][0]["differ"][1][0] = 2
    data["curves"][0]["ulp"][:3] = [None, float("inf"), float("nan")]
    data["targets"].append({"name": "mine", "kind": "callable", "library": "x", "device": None})
    data["results"].append({**ours[0], "target": "mine"})
    return data


def hostile(data: Any) -> Any:
    """The same report with every text and every name replaced."""
    kept = {"kind", "schema"}
    if isinstance(data, dict):
        changed = {k: v if k in kept else hostile(v) for k, v in data.items()}
        named = {"answers", "right", "versions", "absent"}
        return {
            k: {f"{HOSTILE}{n}": v for n, v in enumerate(changed[k].values())} if k in named else v
            for k, v in changed.items()
        }
    if isinstance(data, list):
        return [hostile(value) for value in data]
    return HOSTILE if isinstance(data, str) else data


def variants(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    empty = {key: [] for key in ("targets", "results", "agreement", "curves", "reports", "devices")}
    return {
        "sample": data,
        "failing": failing(data),
        "hostile": hostile(failing(data)),
        "empty": {**data, **empty, "absent": {}, "versions": {}},
    }


@pytest.fixture(scope="module", params=["sample", "failing", "hostile", "empty"])
def tree(request: pytest.FixtureRequest, data: dict[str, Any]) -> Element:
    return Tree(page(variants(data)[request.param])).root


class TestPage:
    def test_head(self, tree):
        (html,) = tree.all("html")
        assert html.attributes["lang"] == "en"
        assert len(tree.all("title")) >= 1
        names = {meta.attributes.get("name") for meta in tree.all("meta")}
        assert {"viewport", "color-scheme"} <= names

    def test_nothing_is_loaded_and_nothing_runs(self, tree):
        assert not tree.all(*LOADING)
        for element in tree.all():
            for name, value in element.attributes.items():
                assert not name.startswith("on"), element.tag
                assert name not in ("src", "srcset", "style", "action", "data"), element.tag
                if "://" in (value or "") and name in ("href", "xlink:href"):
                    assert element.tag == "a"
        (style,) = tree.all("style")
        assert not re.search(r"url\(|@import|//", style.words())

    def test_links_lead_somewhere(self, tree):
        ids = {element.attributes["id"] for element in tree.all() if "id" in element.attributes}
        for link in tree.all("a"):
            href = link.attributes["href"] or ""
            assert href.startswith(("https://", "http://")) or href[1:] in ids
        first = tree.all("a")[0]
        assert (first.attributes["class"], first.attributes["href"]) == ("skip", "#main")

    def test_ids_are_unique_and_references_exist(self, tree):
        ids = [element.attributes["id"] for element in tree.all() if "id" in element.attributes]
        assert len(ids) == len(set(ids))
        for element in tree.all():
            for name in ("aria-labelledby", "aria-describedby"):
                assert set((element.attributes.get(name) or "").split()) <= set(ids)

    def test_headings_are_in_order(self, tree):
        levels = [int(h.tag[1]) for h in tree.all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))

    def test_tables_have_captions_and_scopes(self, tree):
        for table in tree.all("table"):
            assert table.children[0].tag == "caption"
            assert table.children[0].words()
            assert all(head.attributes.get("scope") for head in table.all("th"))
            assert table.parent.attributes["role"] == "region"
            assert table.parent.attributes["aria-label"]
            assert table.parent.attributes["tabindex"] == "0"
        for code in tree.all("pre"):
            assert (code.attributes["aria-label"], code.attributes["tabindex"]) == ("Code", "0")
            widths = {
                sum(int(cell.attributes.get("colspan") or 1) for cell in row.children)
                for row in table.all("tr")
            }
            assert len(widths) == 1

    def test_plots_say_what_they_show(self, tree):
        for svg in tree.all("svg"):
            assert svg.attributes["role"] == "img"
            named = {child.attributes.get("id"): child for child in svg.children}
            title = named[svg.attributes["aria-labelledby"]]
            words = named[svg.attributes["aria-describedby"]]
            assert (title.tag, words.tag) == ("title", "desc")
            assert title.words()
            assert words.words() in svg.parent.words()  # and those who see it read it, too

    def test_colours_are_never_alone(self, tree):
        for cell in tree.all("td"):
            if {"right", "near", "wrong", "raised"} & {cell.attributes.get("class")}:
                assert cell.words().strip()

    def test_details_can_be_told_apart(self, tree):
        for details in tree.all("details"):
            assert details.children[0].tag == "summary"
            assert details.children[0].words().strip()


class TestText:
    def test_hostile_text_is_text(self, data):
        source = page(hostile(failing(data)))
        assert "alert(1)" in source
        assert not re.search(r"<(script|img)", source)
        assert not re.search("[\x00\u202e]", source)
        assert "$style" in source  # it is no placeholder

    def test_only_addresses_of_the_web_become_links(self, data):
        data = copy.deepcopy(data)
        data["reports"][0]["url"] = "javascript://a.example/%0aalert(1)"
        assert "javascript:" not in re.sub(r">[^<]*<", "", page(data))

    def test_policy_allows_exactly_this_style(self, data):
        source = page(data)
        (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
        wanted = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{wanted}'" in source

    def test_the_same_data_give_the_same_bytes(self, data, tmp_path):
        paths = [tmp_path / name for name in ("a.html", "b.html")]
        for path in paths:
            write_html(json.loads(json.dumps(data)), path)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        assert len(paths[0].read_bytes()) < 2_000_000

    def test_another_schema_is_refused(self, data, tmp_path):
        with pytest.raises(ValueError, match="got schema 2, wanted 1"):
            write_html({**data, "schema": 2}, tmp_path / "a.html")


class TestWhatIsSaid:
    def test_verdict(self, data):
        grade, words = summary.verdict(data)
        assert grade == "right"
        elements = sum(r["elements"] for r in data["results"] if r["target"].endswith(":cpu"))
        assert f"{elements:,} elements that xspace gave" in words
        # A library whose own functions alone were asked is none on which xspace ran.
        wider = {**data, "libraries": [*namespaces(), "mygrad"]}
        assert f" of {len(namespaces())} librar" in summary.verdict(wider)[1]
        grade, words = summary.verdict(failing(data))
        assert grade == "wrong"
        assert "xspace fails on numpy:cpu: 2 of " in words
        assert "1 call raised" in words

    @pytest.mark.parametrize(
        ("change", "kind", "wanted"),
        [
            ({}, "xspace", "right"),
            ({"elements": 0}, "xspace", "none"),
            ({"wrong": 1, "worst_ulp": 1.0}, "xspace", "wrong"),
            ({"wrong": 1, "worst_ulp": 1.0}, "native", "near"),
            ({"wrong": 1, "worst_ulp": 2.0}, "native", "wrong"),
            ({"wrong": 1, "worst_ulp": None}, "native", "wrong"),
            ({"wrong": 1, "worst_ulp": 0.0}, "native", "wrong"),
            ({"wrong": 1, "raised": 1, "worst_ulp": 1.0}, "native", "wrong"),
            ({"raised": 1}, "native", "raised"),
        ],
    )
    def test_grades(self, change, kind, wanted):
        row = {"wrong": 0, "raised": 0, "elements": 5, "worst_ulp": 0.0}
        assert common.grade({**row, **change}, kind) == wanted

    def test_a_cell_leads_to_its_line(self, data):
        tree = Tree(page(data)).root
        row = next(r for r in data["results"] if r["wrong"])
        (link,) = [
            a for a in tree.all("a") if row["worst"]["snippet"] in (a.attributes.get("title") or "")
        ]
        assert f"{100 * row['wrong'] / row['elements']:.1f}%" in link.words()
        (place,) = [
            e for e in tree.all() if f"#{e.attributes.get('id')}" == link.attributes["href"]
        ]
        for words in (row["worst"]["snippet"], row["worst"]["got"], row["worst"]["wanted"]):
            assert words in place.words()

    def test_what_curves_say(self):
        curve = {"index": [0, 5, 7], "ulp": [0.5, -3.0, None]}
        words = Summary(curve).sentence()
        assert words.startswith("66.7% of 3 elements are not correctly rounded")
        assert "the largest 3 ulp at element 5; 1 error not finite" in words
        assert "All 1 element" in Summary({"index": [0], "ulp": [-0.5]}).sentence()

    def test_pairs(self):
        entry = {"targets": ["a", "b", "c", "d"], "elements": 4}
        entry["differ"] = [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 2], [1, 1, 2, 0]]
        kinds = {"a": "xspace", "b": "xspace", "c": "native", "d": "native"}
        assert pairs(entry, kinds, ours=True) == (0, 1)
        assert pairs(entry, kinds, ours=False) == (1, 1)
        compared = [[4, 0, 4, 4], [0, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 4]]
        assert pairs({**entry, "compared": compared}, kinds, ours=True) == (0, 0)

    def test_targets_of_xspace_share_a_row_only_if_they_agree(self):
        entry = {"targets": ["a", "b", "c"], "elements": 4}
        entry["differ"] = [[0, 0, 1], [0, 0, 2], [1, 2, 0]]
        kinds = {"a": "xspace", "b": "xspace", "c": "native"}
        small = merged(entry, kinds)
        assert small["targets"] == ["xspace (2)", "c"]
        assert small["differ"] == [[0, 2], [2, 0]]
        entry["differ"] = [[0, 1, 1], [1, 0, 2], [1, 2, 0]]
        assert merged(entry, kinds) is entry

    def test_equal_curves_share_a_plot(self):
        one, other = ({"index": [0], "ulp": [error]} for error in (0.25, 0.5))
        found = curves.merged([{**one, "target": "a"}, {**other, "target": "b"}])
        assert [curve["target"] for curve in found] == ["a", "b"]
        found = curves.merged([{**one, "target": name} for name in "abc"])
        assert [curve["target"] for curve in found] == ["a, b and c"]

    def test_calls_of_one_report_stand_together(self, data):
        reports = [*data["reports"], {**data["reports"][0], "title": "again"}]
        found = threads(reports)
        assert [len(thread) for thread in found] == [2, *[1] * (len(reports) - 2)]

    def test_who_gives_an_answer(self):
        assert givers(["a", "b", "c"], ["a", "b"]) == "xspace on all 2 targets, c"
        assert givers(["a", "c"], ["a", "b"]) == "a, c"
        assert givers(["a", "c"], ["a"]) == "a, c"

    def test_reports_are_counted(self):
        kinds = {"a": "xspace", "b": "native"}
        one = {"right": {"a": True, "b": False}}
        other = {"right": {"a": True, "b": True}}
        words = reports_verdict([[other, one], [other]], kinds)
        assert "2 reports" in words
        assert "In 1 of 2 some library" in words
        assert "right in 2 of 2" in words
        assert "right in 0 of 1" in reports_verdict([[{"right": {"a": False}}]], kinds)

    def test_integers_are_not_measured_in_ulp(self):
        row = {"dtype": "uint8", "worst_ulp": 2.0}
        assert common.largest(row) == "off by 2"
        assert common.largest({**row, "dtype": "float16"}) == "2 ulp"
        assert common.largest({**row, "worst_ulp": None}) == "inf, NaN or ±0"

    @pytest.mark.parametrize(
        ("part", "whole", "wanted"),
        [
            *((0, 0, "0%"), (0, 5, "0%"), (5, 5, "100%"), (1, 10**6, "under 0.1%")),
            *((10**6 - 1, 10**6, "over 99.9%"), (1, 3, "33.3%"), (999, 1000, "99.9%")),
        ],
    )
    def test_shares(self, part, whole, wanted):
        assert markup.share(part, whole) == wanted

    def test_sizes(self):
        sizes = [0.5, 1.04, 9.9951, 1665.2, 2e16, -3.0, None, float("inf")]
        wanted = ["0.5", "1.04", "10", "1,665", "2.0e16", "\u22123", "not a number", "infinite"]
        assert [markup.size(error) for error in sizes] == wanted
