"""Which targets a run asks for; small enough to be sent to other processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .callables import callable_target
from .native import kind_of, natives
from .target import Target
from .targets import Lineup, line_up

ALSO, ONLY = "also", "only"


@dataclass(frozen=True)
class Selection:
    """What was asked for on the command line.

    Parameters
    ----------
    backends, devices : tuple of str
        As `targets.line_up` takes them; empty for all.
    native : {"", "also", "only"}
        Whether the libraries' own functions are asked as well, or they alone.
    callables : tuple of str
        Functions as ``package.module:function``.
    signature : str
        How these are called.
    told : str, optional
        Which function they are, where that was said.
    """

    backends: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    native: str = ""
    callables: tuple[str, ...] = ()
    signature: str = "numpy"
    told: str | None = None

    def collect(self) -> Lineup:
        """Return the targets, the library's own first.

        With callables, backends are asked only if they are named.

        Raises
        ------
        Unavailable
            If something that was asked for by name does not exist.
        """
        strangers = [callable_target(spec, self.signature, self.told) for spec in self.callables]
        lineup = Lineup([], {})
        if not strangers or self.backends or self.native:
            lineup = line_up([*self.backends], [*self.devices])
        own = [*natives(lineup.targets)] if self.native else []
        wanted = not (self.native == ONLY or (strangers and not self.backends))
        ours = lineup.targets if wanted else []
        return Lineup([*ours, *strangers, *own], lineup.absent)


@cache
def targets_of(selection: Selection) -> dict[str, Target]:
    """Return the targets of a selection by name; once a process."""
    return {target.name: target for target in selection.collect().targets}


def informative(targets: list[Target]) -> set[str]:
    """Return the names of targets of which a wrong element is no failure of the run.

    These are the libraries' own functions, unless nothing else was asked.
    """
    own = {target.name for target in targets if kind_of(target) == "native"}
    return own if len(own) < len(targets) else set()
