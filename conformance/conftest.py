"""In a checkout the suite's plugin is found here, by the folder's name on the command line."""

pytest_plugins = ["xspace_conformance.runs.plugin"]
