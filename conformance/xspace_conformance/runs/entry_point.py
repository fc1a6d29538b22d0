"""Options for ``pytest --pyargs xspace_conformance``; in any other run of pytest, nothing.

pytest knows the options of a ``conftest.py`` only if its folder is named as a path; of a package
that ``--pyargs`` names it finds the folder when the command line has been read. So this module is
registered as a plugin. It imports nothing, since every run of pytest where the suite is installed
loads it.
"""

SUITE = "xspace_conformance"


def pytest_load_initial_conftests(early_config, args):
    """Load the suite's plugin if the command line names the suite."""
    named = (argument.partition("::")[0] for argument in args)
    if "--pyargs" in args and any(f"{name}.".startswith(f"{SUITE}.") for name in named):
        early_config.pluginmanager.import_plugin(f"{SUITE}.runs.plugin")
