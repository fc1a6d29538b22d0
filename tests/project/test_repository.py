"""The files around the code agree with it: workflows, citation, hooks, measured examples."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

import xspace

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLASSIFIED = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ON = True  # what YAML makes of the key `on`


def load(path: Path):
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the workflows")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs():
    return [(path, name, job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def pins() -> dict[str, str]:
    """The versions in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


class TestWorkflows:
    def test_are_there(self):
        assert [path.stem for path in WORKFLOWS] == ["docs", "random", "release", "tests"]

    def test_pythons_are_those_of_the_classifiers(self):
        matrix = load(ROOT / ".github/workflows/tests.yml")["jobs"]["everything"]["strategy"]
        assert matrix["matrix"]["python"] == CLASSIFIED

    def test_the_oldest_python_is_the_one_that_is_required(self):
        assert PROJECT["requires-python"] == f">={CLASSIFIED[0]}"
        steps = load(ROOT / ".github/workflows/tests.yml")["jobs"]["lower-bounds"]["steps"]
        assert [s["with"]["python-version"] for s in steps if "python-version" in s.get("with", {})]
        assert f'python-version: "{CLASSIFIED[0]}"' in WORKFLOWS[-1].read_text(encoding="utf-8")

    def test_free_threaded_pythons_are_classified(self):
        free = load(ROOT / ".github/workflows/tests.yml")["jobs"]["free-threaded"]["strategy"]
        versions = [entry["python"] for entry in free["matrix"]["include"]]
        assert versions == ["3.13t", "3.14t"]
        assert {version.rstrip("t") for version in versions} <= set(CLASSIFIED)

    def test_lower_bounds_are_those_of_the_project(self):
        """The installer takes them from there; what a job adds has the same bound there."""
        job = load(ROOT / ".github/workflows/tests.yml")["jobs"]["lower-bounds"]
        (command,) = [s["run"] for s in job["steps"] if "uv pip install" in s.get("run", "")]
        assert "--resolution lowest-direct $INSTALL" in command
        extras = PROJECT["optional-dependencies"]
        installs = [entry["install"].split() for entry in job["strategy"]["matrix"]["include"]]
        assert ["-e", ".[test]", "-e", "./conformance"] in installs
        for _, project, flag, suite, *others in installs:
            assert set(project[2:-1].split(",")) <= extras.keys()
            assert (flag, suite) == ("-e", "./conformance")
            assert set(others) <= set(extras["test"])

    def test_actions_are_pinned_and_say_which_version_that_is(self):
        hashes = {}
        for path in WORKFLOWS:
            for line in path.read_text(encoding="utf-8").splitlines():
                if "uses:" not in line:
                    continue
                found = re.search(r"uses: ([\w./-]+)@([0-9a-f]{40})  # v\d+\.\d+\.\d+$", line)
                assert found is not None, f"{path.name}: {line}"
                assert hashes.setdefault(found[1], found[2]) == found[2]
        assert hashes

    def test_permissions_are_the_least(self):
        for path in WORKFLOWS:
            assert load(path)["permissions"] == {"contents": "read"}, path.name
        wider = {(p.stem, n): j["permissions"] for p, n, j in jobs() if "permissions" in j}
        assert wider == {
            ("docs", "publish"): {"pages": "write", "id-token": "write"},
            ("release", "publish"): {"id-token": "write", "attestations": "write"},
        }

    def test_what_may_publish_runs_none_of_our_code(self):
        """Only actions, so that nothing that is installed or built gets at the identity."""
        for _, name, job in jobs():
            if "id-token" in job.get("permissions", {}):
                assert all("run" not in step for step in job["steps"]), name

    def test_every_job_ends_and_old_runs_are_replaced(self):
        for path, name, job in jobs():
            assert job["timeout-minutes"] <= 60, name
            assert "group" in load(path)["concurrency"], path.name

    def test_no_password_is_kept_in_the_checkout(self):
        for _, name, job in jobs():
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False, name

    def test_the_last_job_waits_for_all_others(self):
        found = load(ROOT / ".github/workflows/tests.yml")["jobs"]
        assert set(found["passed"]["needs"]) == set(found) - {"passed"}

    def test_what_the_workflows_run_is_there(self):
        text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
        assert "run: .ci/run" in text
        assert (ROOT / ".ci" / "run").is_file()
        extras = set(re.findall(r'-e "\.\[(\w+)\]"', text))
        assert extras == {"test", "docs"}
        assert extras <= PROJECT["optional-dependencies"].keys()


class TestCitation:
    def test_is_of_this_version(self):
        citation = load(ROOT / "CITATION.cff")
        assert str(citation["version"]) == xspace.__version__

    def test_says_what_the_project_says(self):
        citation = load(ROOT / "CITATION.cff")
        assert citation["authors"] == PROJECT["authors"]
        assert citation["license"] == PROJECT["license"]
        assert citation["cff-version"] == "1.2.0"
        assert set(citation["keywords"]) <= set(PROJECT["keywords"])


class TestHooks:
    def hooks(self):
        config = load(ROOT / ".pre-commit-config.yaml")
        return {hook["id"]: (repo, hook) for repo in config["repos"] for hook in repo["hooks"]}

    def test_ruff_is_the_one_of_the_tests(self):
        repo, _ = self.hooks()["ruff-check"]
        assert repo["rev"] == f"v{pins()['ruff']}"
        assert self.hooks()["ruff-format"][0] is not None

    def test_local_ones_run_what_is_there(self):
        local = [hook for repo, hook in self.hooks().values() if repo["repo"] == "local"]
        assert {"mypy", "architecture", "repository"} == {hook["id"] for hook in local}
        for hook in local:
            assert hook["language"] == "system"
            for word in hook["entry"].split():
                if "/" in word:
                    assert (ROOT / word).is_file(), word
            re.compile(hook["files"])


class TestIssueTemplate:
    def test_asks_for_the_line_that_reproduces(self):
        form = load(ROOT / ".github" / "ISSUE_TEMPLATE" / "wrong_element.yml")
        assert {"name", "description", "body"} <= form.keys()
        fields = {field["id"]: field for field in form["body"] if "id" in field}
        assert fields["line"]["validations"]["required"] is True
        assert {field["type"] for field in form["body"]} <= {"markdown", "textarea", "checkboxes"}
        assert all(field["attributes"]["label"] for field in fields.values())


def test_no_file_names_an_address_of_the_repository():
    """It is not known; links to our own files are relative."""
    for path in [ROOT / "CITATION.cff", ROOT / "CONTRIBUTING.md", ROOT / "pyproject.toml"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://[^\s)>]*xspace", text), path.name


def test_the_examples_of_why_are_measured():
    """What is exact, and what xspace gives, is on the page as the script prints it."""
    for module in ("gmpy2", "jax", "torch"):
        pytest.importorskip(module, reason=f"docs/why.py needs {module}")
    import jax

    wide = jax.config.jax_enable_x64
    try:
        spec = importlib.util.spec_from_file_location("why", ROOT / "docs" / "why.py")
        assert spec is not None
        assert spec.loader is not None
        why = importlib.util.module_from_spec(spec)
        sys.modules["why"] = why
        spec.loader.exec_module(why)
        jax.config.update("jax_enable_x64", True)
        page = (ROOT / "docs" / "_data" / "why.txt").read_text(encoding="utf-8")
        parts = page.split("\n\n")[1:]
        assert len(parts) == len(why.CASES)
        for case, part in zip(why.CASES, parts, strict=True):
            printed = {line.split()[0]: line.split()[1:] for line in part.splitlines()[1:]}
            measured = {who: f"{value} {error}".split() for who, value, error in why.rows(case)}
            assert printed.keys() == measured.keys()
            for who in ("exact", "xspace"):
                assert printed[who] == measured[who]
    finally:
        jax.config.update("jax_enable_x64", wide)
        sys.modules.pop("why", None)
