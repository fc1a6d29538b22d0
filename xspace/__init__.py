"""Correctly rounded grids, the same bits in every array library.

The public functions are `logspace`, `geomspace`, `linspace` and `arange`; `LogRange`, `GeomRange`,
`LinRange` and `ArithRange` are the same grids without an array.  `show_config` says what they are
made with.  `xspace.testing` has what a test of identical arrays needs, `xspace.dropin` the
functions with other libraries' signatures, and `xspace.jax` what exported programs of JAX need to
call the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .ground.float_environment import StandardEnvironment, in_standard_environment

with StandardEnvironment():  # which the constants of modules need as well as the elements
    from .arange import arange
    from .functions import geomspace, linspace, logspace

if TYPE_CHECKING:  # which read `__init__.pyi`
    from .config import show_config
    from .ranges.arith_range import ArithRange
    from .ranges.spaced import GeomRange, LinRange, LogRange

__all__ = [
    "ArithRange",
    "GeomRange",
    "LinRange",
    "LogRange",
    "__version__",
    "arange",
    "geomspace",
    "linspace",
    "logspace",
    "show_config",
]

#: Where the other names are.
_PLACES = {
    "show_config": "config",
    "ArithRange": "ranges.arith_range",
    **dict.fromkeys(("GeomRange", "LinRange", "LogRange"), "ranges.spaced"),
}
_MODULES = frozenset({"dropin", "testing"})


@in_standard_environment
def __getattr__(name: str) -> Any:
    """The other names and the public modules, at their first use."""
    if name in _PLACES:
        return getattr(import_module(f".{_PLACES[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES})
