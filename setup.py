"""The compiled engine, which is optional: pyproject.toml has everything else.

Without a C++ compiler, or with ``XSPACE_BUILD_NATIVE=0`` in the environment, the package is built
as pure Python: it makes the same bits, and takes longer for short grids.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NATIVE = Path("xspace/engine/native")
#: No operation may be fused with another, and none reordered: both change bits.
UNIX = ["-std=c++17", "-O3", "-ffp-contract=off", "-fno-exceptions", "-fno-rtti"]
UNIX += ["-fvisibility=hidden", "-g0"]
#: The module needs nothing of the C library that it would name by itself, but what it is loaded
#: beside tells for which systems a wheel is.
LINUX_LINK = ["-Wl,--push-state,--no-as-needed", "-lc", "-Wl,--pop-state"]
#: Tables are made while compiling, which takes more steps than are allowed for by default.
WINDOWS = ["/std:c++17", "/O2", "/fp:precise", "/constexpr:steps100000000"]
#: CPython without its lock has no limited interface yet: there, an extension for each version.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")


class BuildNative(build_ext):
    """Compile with the flags of the compiler at hand, or say that there is no engine."""

    def build_extension(self, extension: Any) -> None:
        """Compile one extension."""
        windows = self.compiler.compiler_type == "msvc"
        extension.extra_compile_args = WINDOWS if windows else UNIX
        try:
            super().build_extension(extension)
        except Exception:
            print("xspace: no compiled engine here; the bits are the same", file=sys.stderr)
            raise  # for setuptools, which goes on without what is optional


def extensions() -> list[Extension]:
    """What has to be compiled."""
    if os.environ.get("XSPACE_BUILD_NATIVE") == "0":
        return []
    return [
        Extension(
            "xspace.engine._native",
            [str(NATIVE / "module.cpp")],
            depends=sorted(map(str, NATIVE.glob("*.h"))),
            language="c++",
            optional=True,
            extra_link_args=LINUX_LINK if sys.platform.startswith("linux") else [],
            py_limited_api=LIMITED,
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if LIMITED else [],
        )
    ]


setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": BuildNative},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED else {},
)
