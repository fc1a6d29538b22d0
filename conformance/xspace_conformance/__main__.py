"""``python -m xspace_conformance``: asks targets for grids, or does what a command says."""

import importlib
import sys

#: The first word of the command line, and where its program is.
COMMANDS = {
    "differential": "runs.differential",
    "fuzz": "runs.fuzz",
    "golden": "cases.golden",
    "large": "runs.large",
    "sample": "report.sample",
    "shadow": "runs.shadow",
    "stress": "runs.stress",
}


def main(words: list[str]) -> int | None:
    """Run the program that the first word names, by default the one that asks for grids."""
    name = COMMANDS.get(words[0]) if words else None
    program = importlib.import_module(f".{name or 'runs.program'}", __package__)
    status: int | None = program.main(words[1:] if name else words)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
