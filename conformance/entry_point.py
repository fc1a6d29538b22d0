"""Options for ``pytest --pyargs xspace.conformance``; in any other run of pytest, nothing.

pytest knows the options of a ``conftest.py`` only if its folder is named as a path; of a package
that ``--pyargs`` names it finds the folder when the command line has been read. So an installed
library registers this module as a plugin. It is a module of its own beside the library, which
imports nothing, since every run of pytest in that environment loads it.
"""

SUITE = "xspace.conformance"


def pytest_load_initial_conftests(early_config, args):
    """Load the suite's options if the command line names the suite."""
    named = (argument.partition("::")[0] for argument in args)
    if "--pyargs" in args and any(f"{name}.".startswith(f"{SUITE}.") for name in named):
        early_config.pluginmanager.import_plugin(f"{SUITE}.options")
