"""Programs of JAX in processes of their own, with as many devices as they want."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

PRELUDE = """
import jax, jax.numpy as jnp, numpy as np
import xspace
from xspace.testing import assert_identical
"""


def run(code: str, *arguments: object, devices: int = 1) -> None:
    """Run code on the CPU with 64-bit types; what it prints is shown if it fails."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1", "XLA_FLAGS": flags}
    subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *map(str, arguments)],
        check=True,
        timeout=120,
        env={**os.environ, **environment},
    )
