"""The tests of the suite get targets, cases and the seed as the suite's own tests do."""

from xspace_conformance.tests.conftest import (
    all_targets,
    everyone,
    pytest_generate_tests,
    seed,
    targets,
)

__all__ = ["all_targets", "everyone", "pytest_generate_tests", "seed", "targets"]
