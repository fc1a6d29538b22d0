"""Drop-in modules as targets: each case is asked for in the words of the library itself.

The words stand here as the libraries document them, and are not taken from the modules under test.
A case that a signature cannot say (an open grid in PyTorch, say) is no case of that module.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..truth.case import Case, show
from ..truth.oracle import exact
from ..truth.steps import Steps
from .shares import Share, odd_chunks
from .target import WITHOUT_BFLOAT16, Target, need

Words = dict[str, str]

NUMPY = {
    "linspace": "start stop num endpoint retstep dtype axis",
    "logspace": "start stop num endpoint base dtype axis",
    "geomspace": "start stop num endpoint dtype axis",
    "arange": "start stop step * dtype",
}
JAX = NUMPY | {"arange": "start stop step dtype"}
TORCH = {
    "linspace": "start end steps * dtype device",
    "logspace": "start end steps base * dtype device",
    "geomspace": "start end steps * dtype device",
    "arange": "start end step * dtype device",
}
DASK = {
    "linspace": "start stop num endpoint retstep chunks dtype",
    "logspace": "start stop num endpoint base chunks dtype",
    "geomspace": "start stop num endpoint chunks dtype",
    "arange": "start stop step * chunks dtype",
}
MYGRAD = NUMPY | {"linspace": "start stop num endpoint dtype axis"}

#: What has no other name than its place.
BY_PLACE_ONLY = {"numpy": {"arange": 1}, "dask": {"arange": 1}, "mygrad": {"arange": 3}}


@dataclass(frozen=True)
class Dropin(Target):
    """A drop-in module, on the target of its library.

    Parameters
    ----------
    module : module
        What has the functions.
    words : dict of str to str
        The parameters of each function, in order; after ``*`` they have names only.
    placed : dict of str to int
        How many of the first parameters of a function cannot be given by name.
    """

    module: Any = None
    words: Words = field(default_factory=dict, compare=False)
    placed: dict[str, int] = field(default_factory=dict, compare=False)

    def takes(self, case: Any) -> bool:
        """Say whether a case is of the target's share, and can be said."""
        return super().takes(case) and self.says(case)

    def says(self, case: Any) -> bool:
        """Say whether the signature can say a case."""
        if isinstance(case, Steps):
            # A way that never gets there is an error in PyTorch, and not an empty tensor.
            away = case.num == 0 and exact(case.start) != exact(case.stop)
            return not (away and "end" in self.words["arange"].split())
        return case.endpoint or "endpoint" in self.words[case.function].split()

    def call(self, case: Case | Steps) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments by place and by name; of cases that differ in dtype, in turn."""
        places, _, others = self.words[case.function].partition(" * ")
        order, named = places.split(), others.split()
        if self.dtypes.index(case.dtype) % 2:
            kept = self.placed.get(case.function, 0)
            order, named = order[:kept], [*order[kept:], *named]
        said = self.values(case)
        return [said[word] for word in order], {word: said[word] for word in named}

    def values(self, case: Case | Steps) -> dict[str, Any]:
        """Return what each word stands for."""
        said = {
            "start": case.start,
            "dtype": getattr(self.xp, case.dtype),
            "axis": 0,
            "retstep": False,
            "device": self.device,
            "chunks": odd_chunks(case.num),
        }
        if isinstance(case, Steps):
            return said | {"step": case.step, "stop": case.stop, "end": case.stop}
        said |= {"stop": case.stop, "num": case.num, "endpoint": case.endpoint, "base": case.base}
        return said | {"end": case.stop, "steps": case.num}

    def array(self, case: Any) -> Any:
        """Call the module."""
        args, keywords = self.call(case)
        return getattr(self.module, case.function)(*args, **keywords)

    def snippet(self, case: Any) -> str:
        """Return code that reproduces a case."""
        args, keywords = self.call(case)
        said = [*map(show, args), *(f"{word}={show(value)}" for word, value in keywords.items())]
        name = getattr(self.module, "__name__", "module")
        return f"{name}.{case.function}({', '.join(said)})"


#: Where the library has another type for it than ``OverflowError``.
OVERFLOW: dict[str, type[Exception]] = {"torch": RuntimeError}

#: By library: its words.
LIBRARIES: dict[str, Words] = {
    "numpy": NUMPY,
    "torch": TORCH,
    "jax": JAX,
    "cupy": JAX,
    "dask": DASK,
    "mygrad": MYGRAD,
}


def dropin_of(library: str, target: Target) -> Dropin:
    """Return the drop-in module of a library, where the target says how to read its arrays."""
    if library == "jax":
        target = replace(target, device=None)  # as most of its functions have it
    if library == "dask":
        target = replace(target, share=Share(one_in=2))  # computing takes it long
    plain = {one.name: getattr(target, one.name) for one in fields(Target)}
    module = importlib.import_module(f"xspace.dropin.{library}")
    if library in OVERFLOW:
        plain["overflow"] = OVERFLOW[library]
    placed = BY_PLACE_ONLY.get(library, {})
    return Dropin(**plain, module=module, words=LIBRARIES[library], placed=placed)


def dropins(targets: list[Target]) -> Iterator[Dropin]:
    """Yield the drop-in modules of targets' libraries; MyGrad's goes with NumPy's."""
    for target in targets:
        library = target.name.partition(":")[0].partition("-")[0]
        twice = target.is_plain or target.name == "dask-odd"
        if library in LIBRARIES and not twice and not _elsewhere(library, target):
            yield dropin_of(library, target)
    if any(target.name == "numpy" for target in targets):
        yield dropin_of("mygrad", _mygrad())


def _elsewhere(library: str, target: Target) -> bool:
    """Say whether a target is no device where JAX would put an array by itself."""
    if library != "jax":
        return False
    return bool(target.device != importlib.import_module("jax").devices()[0])


def _mygrad() -> Target:
    """Return a target that makes tensors of MyGrad, whose dtypes are NumPy's."""
    mygrad = need("mygrad")
    names = {name: getattr(np, name) for name in WITHOUT_BFLOAT16}
    xp = SimpleNamespace(zeros=mygrad.zeros, **names)
    return Target("mygrad", xp, WITHOUT_BFLOAT16, read_out=lambda tensor: np.asarray(tensor.data))
