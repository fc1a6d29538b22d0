"""Hypothesis: the same examples at every run of CI, new ones at every run of a developer."""

import os

import hypothesis

hypothesis.settings.register_profile("xspace", deadline=None, print_blob=True)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("xspace"), derandomize=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "xspace")
