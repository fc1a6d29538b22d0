"""Completion in shells: what there is to complete, from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from .installed import HINTS

__all__ = ["completion"]

_BASH = """\
_xspace() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
    if (( COMP_CWORD == 1 )); then
        words="{commands}"
    else
        case "${{COMP_WORDS[1]}} $before" in
{choices}            *" --out") COMPREPLY=($(compgen -f -- "$word")); return ;;
            *)
                case "${{COMP_WORDS[1]}}" in
{options}                esac ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -F _xspace xspace
"""


def completion(shell: str, commands: dict[str, argparse.ArgumentParser]) -> str:
    """The script that makes a shell complete the command line."""
    if shell == "fish":
        return "\n".join(_fish(commands)) + "\n"
    script = _bash(commands)
    return script if shell == "bash" else f"autoload -U +X bashcompinit && bashcompinit\n{script}"


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[list[str], list[str], Any]]:
    """The names of each option or place, the words that it may be followed by, and itself."""
    for action in parser._actions:
        words = [str(choice) for choice in action.choices or ()]
        if action.dest in ("backend", "names"):
            words = ["numpy", *HINTS]
        if action.dest == "dtype":
            words = str(action.help).split(", ")
        yield list(action.option_strings), words, action


def _bash(commands: dict[str, argparse.ArgumentParser]) -> str:
    choices, options = "", ""
    for command, parser in commands.items():
        offered = []
        for names, words, _ in _options(parser):
            offered += names or words
            if names and words:
                cases = "|".join(f'"{command} {name}"' for name in names)
                choices += f'            {cases}) words="{" ".join(words)}" ;;\n'
        options += f'                    {command}) words="{" ".join(offered)}" ;;\n'
    return _BASH.format(commands=" ".join(commands), choices=choices, options=options)


def _fish(commands: dict[str, argparse.ArgumentParser]) -> Iterator[str]:
    yield "complete -c xspace -f"
    for command, parser in commands.items():
        said = _quoted(parser.description or "")
        yield f"complete -c xspace -n __fish_use_subcommand -a {command} -d {said}"
        seen = f"complete -c xspace -n '__fish_seen_subcommand_from {command}'"
        for names, words, action in _options(parser):
            parts = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in names]
            if words:
                parts.append(f"-a {_quoted(' '.join(words))}")
            if names and action.nargs != 0:
                parts.append("-rF" if action.dest == "out" else "-x")
            if parts:
                yield f"{seen} {' '.join(parts)} -d {_quoted(action.help or '')}"


def _quoted(text: str) -> str:
    return "'" + text.partition(": ")[0].replace("\\", "\\\\").replace("'", "\\'") + "'"
