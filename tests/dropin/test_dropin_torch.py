"""The drop-in for PyTorch beside PyTorch: all that a call gives but the elements."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from xspace.dropin import torch as ours


def outcome(make):
    """What a call gives: all that a tensor says of itself but its elements, or an exception."""
    try:
        made = make()
    except Exception as error:
        return type(error)
    strides = made.stride(), made.is_contiguous()
    return type(made), made.dtype, made.shape, strides, made.device, made.requires_grad


def torch_calls():
    number, lanes = torch.tensor, torch.tensor([1.0, 2.0])
    for args in [
        (0, 1, 5),
        (0, 1, 0),
        (0.0, 2.5, 1),
        (math.inf, 1, 3),
        (math.nan, 1, 3),
        (0, 1j, 3),
        (1j, 0, 0),
        (number(0.0), 1, 3),
        (number(1), number(2.0, dtype=torch.float64), 3),
        (number(0.0, requires_grad=True), 1, 4),
        (lanes, 2, 3),
        (True, 3, 2),
        (np.float32(1), 2, 3),
        (np.int64(1), 2, 3),
        (0, 1, np.int64(3)),
        (0, 1, 3.0),
        (0, 1, -1),
        (0, 1, True),
        (0, 1),
        ("a", 1, 3),
        (0, None, 3),
        (0, 1, None),
        ([1], 2, 3),
    ]:
        yield args, {}
    for steps in (3, 0):
        for name, values in {
            "dtype": [None, float, int, complex, torch.float64, torch.int32, torch.complex64, "f4"],
            "layout": [None, torch.strided],
            "requires_grad": [None, True, False, 1],
            "device": [None, "cpu", "meta", torch.device("cpu"), "nowhere"],
            "pin_memory": [None, False],
            "out": [None],
            "wrong": [1],
        }.items():
            for value in values:
                yield (0, 1, steps), {name: value}
    yield (0, 1, 3), {"dtype": torch.bool}
    yield (0, 1, 3), {"dtype": torch.float8_e4m3fn}
    yield (0, 1, 3), {"dtype": torch.int32, "requires_grad": True}
    yield (0, 1j, 3), {"dtype": torch.float32}
    yield (0, 1, 3), {"layout": torch.sparse_coo}
    for out in [
        lambda: torch.empty(3),
        lambda: torch.empty(3, dtype=torch.float64),
        lambda: torch.empty(1, 3),
        lambda: torch.empty(6)[::2],
        lambda: torch.empty(1).expand(3),
        lambda: torch.empty(3, device="meta"),
        lambda: torch.empty(3, dtype=torch.bool),
        lambda: torch.empty(4)[:3],
        lambda: 5,
    ]:
        yield (0, 1, 3), {"out": out}
    yield (0, 1, 4), {"out": lambda: torch.empty(2, 2).t()}
    yield (0, 1, 3), {"out": lambda: torch.empty(3), "dtype": torch.float64}
    yield (0, 1, 3), {"out": lambda: torch.empty(3), "device": "meta"}
    yield (0, 1, 3), {"out": lambda: torch.empty(3), "requires_grad": True}


@pytest.mark.parametrize("name", ["linspace", "logspace"])
def test_arguments(name):
    """Type, dtype, shape, strides, device and exceptions are those of PyTorch's own function."""
    for args, options in torch_calls():

        def call(module, args=args, options=options):
            given = {n: v() if n == "out" and callable(v) else v for n, v in options.items()}
            return getattr(module, name)(*args, **given)

        wanted = outcome(lambda call=call: call(torch))
        assert outcome(lambda call=call: call(ours)) == wanted, (args, options)


def test_names_of_arguments():
    with pytest.raises(TypeError, match=r"^end must be a real number"):
        ours.linspace(0, "b", 3)
    with pytest.raises(TypeError, match=r"^steps must be an integer"):
        ours.logspace(0, 1, 3.5)
    with pytest.raises(ValueError, match=r"^end must not be zero"):
        ours.geomspace(1, 0, 3)
    with pytest.raises(RuntimeError, match="int8 cannot hold"):
        ours.linspace(0, 1000, 3, dtype=torch.int8)
