"""The engine as a program: compiled for this processor or another one, and asked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parents[2] / "xspace" / "engine" / "native" / "program.cpp"
#: Those of setup.py that change what is computed.
FLAGS = ("-std=c++17", "-ffp-contract=off", "-fno-exceptions", "-fno-rtti")


class Processor(NamedTuple):
    """A processor, its compiler (in Debian the package g++-TARGET), and what runs its programs."""

    name: str
    target: str
    runner: str


#: Of other word lengths, orders of bytes, and habits of floating-point arithmetic.
PROCESSORS = (
    Processor("ARM64", "aarch64-linux-gnu", "qemu-aarch64"),
    Processor("s390x, big-endian", "s390x-linux-gnu", "qemu-s390x"),
    Processor("ARM, 32 bits", "arm-linux-gnueabihf", "qemu-arm"),
    Processor("RISC-V", "riscv64-linux-gnu", "qemu-riscv64"),
    Processor("POWER", "powerpc64le-linux-gnu", "qemu-ppc64le"),
)


class Program(NamedTuple):
    """A built program, and what runs it if this processor does not."""

    command: tuple[str, ...]

    def ask(self, lines: Iterable[str], **environment: str) -> list[str]:
        """The answers, one for each line."""
        lines = list(lines)
        done = subprocess.run(
            self.command,
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env=environment or None,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        answers = done.stdout.splitlines()
        assert len(answers) == len(lines)
        return answers


def host_compilers() -> list[str]:
    """The C++ compilers that are there, each under one name."""
    return [name for name in ("g++", "clang++") if shutil.which(name)] or [
        name for name in ("c++",) if shutil.which(name)
    ]


def build(folder: Path, compiler: str, *options: str, runner: str | None = None) -> Program:
    """Compile the program."""
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no compiler {compiler} here")
    if runner is not None and shutil.which(runner) is None:
        pytest.skip(f"there is no {runner} here to run programs of another processor")
    path = folder / "program"
    command = [compiler, *FLAGS, *options, "-o", str(path), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return Program((*([runner] if runner else []), str(path)))


def build_for(folder: Path, processor: Processor, *options: str) -> Program:
    """Compile it for another processor."""
    compiler = f"{processor.target}-g++"
    return build(folder, compiler, "-static", *options, runner=processor.runner)


def build_here(folder: Path, *options: str) -> Program:
    """Compile it by the first compiler that is there."""
    compilers: Sequence[str] = host_compilers()
    if not compilers:
        pytest.skip("there is no C++ compiler here")
    return build(folder, compilers[0], "-O1", *options)
