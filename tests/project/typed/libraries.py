"""Arrays of other libraries, by their ends and by their namespace."""

from __future__ import annotations

from typing import Any, assert_type

import jax
import jax.numpy as jnp
import numpy as np
import torch
from numpy.typing import NDArray

from xspace import LinRange, arange, geomspace, linspace, logspace
from xspace.dropin import jax as dropin_jax
from xspace.dropin import torch as dropin_torch

tensor, array = torch.zeros(3), jnp.zeros(3)

assert_type(linspace(0, tensor), torch.Tensor)
assert_type(linspace(tensor, tensor, dtype=torch.float32), torch.Tensor)
assert_type(logspace(0, 1, base=tensor), torch.Tensor)
assert_type(arange(0, tensor), torch.Tensor)
assert_type(linspace(0, array), jax.Array)

assert_type(linspace(0, 1, xp=torch), torch.Tensor)
assert_type(geomspace(1, 2, xp=torch, dtype=torch.float32), torch.Tensor)
assert_type(arange(5, xp=torch), torch.Tensor)
assert_type(logspace(0, 1, xp=jnp), jax.Array)
assert_type(LinRange(0, 1).to_array(xp=torch), torch.Tensor)
assert_type(LinRange(0, 1).to_array(xp=jnp, dtype=np.float32), jax.Array)

assert_type(dropin_torch.linspace(0, 1, 5), torch.Tensor)
assert_type(dropin_torch.linspace(tensor, 1j, 5, dtype=float, device="cpu"), torch.Tensor)
assert_type(dropin_torch.logspace(0, np.float32(1), 5, 2, dtype=torch.float32), torch.Tensor)
assert_type(dropin_torch.arange(5), torch.Tensor)
assert_type(dropin_jax.logspace(0, 1), jax.Array)
assert_type(dropin_jax.linspace(array, np.zeros(3)), jax.Array)
assert_type(dropin_jax.linspace(0, 1, retstep=True), tuple[jax.Array, Any])


def of_numpy(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """NumPy's own are not taken for those of another library."""
    return linspace(x, 1)
