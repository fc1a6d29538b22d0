"""Files of the command line, attacked: a name has a whole file or none, whatever happens.

``python -m xspace_conformance stress --seconds 60 --seed 7`` makes trials until the time is up;
the exit status is 1 if something went wrong in one. In a trial up to three processes at once
write to one name, the same grid or another, with and without ``--overwrite``, three times. They
are

* killed, interrupted or terminated: when one is about to do something to a file, or at any time;
* stopped for a moment, with others going on;
* out of room: an operation fails, files are limited to some length, or the disk really is full, if
  ``--folder`` is on a small one.

After each round what has the name must be, to the last bit, a grid that one of them was to write,
made whole; who said that it had finished must have written it.  In the end an undisturbed process
must finish, and nothing else may be left in the folder.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import math
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

#: Longest time that a process may take; one that takes more waits for something.
PATIENCE = 60.0
ATTACKS = ("none", "none", "kill", "kill later", "stop", "interrupt", "terminate", "full", "limit")
#: Statuses of a process that was attacked so; of any: finished, or a message.
STATUSES = {
    "kill": -signal.SIGKILL,
    "kill later": -signal.SIGKILL,
    "interrupt": 130,
    "terminate": -signal.SIGTERM,
}
WRITES = {"os.rename", "os.link", "os.mkdir", "os.truncate"}
REMOVALS = {"os.remove", "os.rmdir", "shutil.rmtree"}


class Wrong(Exception):
    """What should not have happened."""


class Command(NamedTuple):
    """A grid as the command line and the functions take it."""

    function: str
    start: int
    stop: int
    num: int
    dtype: str
    chunk: int

    @property
    def arguments(self) -> list[str]:
        """The command line, without the file."""
        words = (self.function, self.start, self.stop, "-n", self.num, "--dtype", self.dtype)
        return [*map(str, words), "--chunks", str(self.chunk)]

    def grid(self) -> Any:
        """The grid, made whole."""
        import xspace

        function = getattr(xspace, self.function)
        return function(self.start, self.stop, self.num, dtype=self.dtype)


@dataclass
class Writer:
    """A process that writes, and what will happen to it."""

    command: Command
    overwrite: bool = False
    attack: str = "none"
    #: Which of its operations on files it happens at; seconds; bytes.
    when: int = 0
    seconds: float = 0.0
    limit: int = 0
    interval: float = 1.0  # between two records
    spelling: str = ""
    pid: int = 0
    status: int | None = None
    said: str = ""
    began: float = 0.0
    goes_on: float = math.inf
    errors: Path = field(default_factory=Path)


def random_command(rng: random.Random) -> Command:
    """Draw a grid of many blocks."""
    num = rng.choice((0, 1, rng.randint(2, 2000), rng.randint(2000, 200_000)))
    function = rng.choice(("linspace", "logspace", "geomspace"))
    start, stop = (rng.randint(1, 9), rng.randint(10, 30))
    dtype = rng.choice(("float64", "float64", "float32", "float16"))
    return Command(function, start, stop, num, dtype, max(1, num // rng.randint(1, 60)))


def random_writer(rng: random.Random, commands: list[Command], overwrite: float) -> Writer:
    """Draw a process."""
    return Writer(
        rng.choice(commands),
        rng.random() < overwrite,
        rng.choice(ATTACKS),
        round(math.exp(rng.uniform(0, math.log(300)))),
        rng.uniform(0, 0.15),
        rng.randrange(1, 1 << 20),
        rng.choice((0, 0.005, 0.02)),
        rng.choice(("{}", "{}", "./other/../{}", "link/{}", "{}/")),
    )


def begin(writer: Writer, folder: Path, name: str) -> None:
    """Fork a process; a fresh interpreter would take longer to begin than to write."""
    writer.errors = Path(tempfile.mkstemp(prefix="stress-")[1])
    writer.began = time.monotonic()
    sys.stdout.flush()
    writer.pid = os.fork()
    if writer.pid:
        return
    try:
        work(writer, folder, name)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(99)


def work(writer: Writer, folder: Path, name: str) -> None:
    """What the process does."""
    import resource

    import xspace.cli.files
    from xspace.__main__ import main

    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream, target in ((1, os.devnull), (2, writer.errors)):
        os.dup2(os.open(target, os.O_WRONLY), stream)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    xspace.cli.files._INTERVAL = writer.interval
    if writer.attack == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (writer.limit, writer.limit))
    elif writer.attack in ("kill", "stop", "interrupt", "terminate", "full"):
        sys.addaudithook(hook(writer, folder))
    more = ["--overwrite"] if writer.overwrite else []
    status = main([*writer.command.arguments, "--out", writer.spelling.format(name), *more])
    sys.stderr.flush()
    os._exit(status)


def hook(writer: Writer, folder: Path) -> Any:
    """What hears of operations on files before they are done, and attacks at one of them."""
    signals = {
        "kill": signal.SIGKILL,
        "stop": signal.SIGSTOP,
        "interrupt": signal.SIGINT,
        "terminate": signal.SIGTERM,
    }
    left = writer.when

    def listen(event: str, given: tuple[Any, ...]) -> None:
        nonlocal left
        opens = event == "open" and isinstance(given[2], int) and given[2] & os.O_ACCMODE
        if not opens and event not in WRITES and event not in (REMOVALS | {"fcntl.flock"}):
            return
        left -= 1
        if writer.attack == "full":
            if left < 0 and (opens or event in WRITES):  # and for good
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        elif left == 0:
            os.kill(os.getpid(), signals[writer.attack])

    return listen


def wait(writers: list[Writer], rng: random.Random, tally: Counter[str]) -> None:
    """Wait until all processes have ended; kill some, and let those that were stopped go on."""
    running = list(writers)
    while running:
        time.sleep(0.001)
        now = time.monotonic()
        for writer in list(running):
            if writer.attack == "kill later" and now - writer.began > writer.seconds:
                os.kill(writer.pid, signal.SIGKILL)
            if now > writer.goes_on:
                writer.goes_on = math.inf
                os.kill(writer.pid, signal.SIGCONT)
            if now - writer.began > PATIENCE:
                os.kill(writer.pid, signal.SIGKILL)
                raise Wrong("a process did not end")
            pid, status = os.waitpid(writer.pid, os.WNOHANG | os.WUNTRACED)
            if not pid:
                continue
            if os.WIFSTOPPED(status):
                tally["stops"] += 1
                writer.goes_on = now + rng.uniform(0, 0.2)
                continue
            running.remove(writer)
            writer.status = os.waitstatus_to_exitcode(status)
            writer.said = writer.errors.read_text(errors="replace")
            writer.errors.unlink()


def check_end(writer: Writer, tally: Counter[str]) -> None:
    """Raise `Wrong` for an end that a process should not come to."""
    tally["processes"] += 1
    if writer.status == 0:
        tally["finished"] += 1
    elif writer.status == 2:
        lines = [line for line in writer.said.splitlines() if not line.endswith("are there")]
        if len(lines) != 1 or not lines[0].startswith("xspace: error: "):
            raise Wrong(f"not one line of an error: {writer.said}")
        kinds = {
            "is being written by process": "locked out",
            "is there already": "name taken",
            "appeared while": "name taken",
            "of another grid": "another grid",
            "No space left": "out of room",
            "File too large": "out of room",
        }
        found = [kinds[words] for words in kinds if words in lines[0]]
        if not found:
            raise Wrong(f"an error for no reason: {writer.said}")
        tally[found[0]] += 1
    elif writer.status == STATUSES.get(writer.attack):
        tally["killed" if writer.status == -signal.SIGKILL else "interrupted"] += 1
    else:
        raise Wrong(f"status {writer.status}: {writer.said}")


def read(path: Path) -> Any:
    """The array in a file, without the library that wrote it; None if there is no file."""
    if not path.exists():
        return None
    if path.suffix == ".npy":
        return np.load(path)
    about = json.loads((path / "zarr.json").read_text())
    if about["attributes"]["xspace"]["complete"] is not True:
        raise Wrong("not said to be complete")
    (num,), (chunk,) = about["shape"], about["chunk_grid"]["configuration"]["chunk_shape"]
    names = [f"c/{k}" for k in range(-(-num // chunk))]
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()}
    if found != {"zarr.json", *names}:
        raise Wrong(f"files in it: {found ^ {'zarr.json', *names}}")
    dtype = np.dtype(about["data_type"])
    blocks = [np.fromfile(path / name, dtype) for name in names]
    return np.concatenate([np.empty(0, dtype), *blocks])[:num]


def is_grid(array: Any, command: Command) -> bool:
    """Whether an array is a grid, to the last bit."""
    grid = command.grid()
    return (array.dtype, array.shape, array.tobytes()) == (grid.dtype, grid.shape, grid.tobytes())


def one_round(
    writers: list[Writer],
    path: Path,
    before: list[Command],
    rng: random.Random,
    tally: Counter[str],
) -> list[Command]:
    """Let processes write; return the commands whose grids may have the name by now."""
    for writer in writers:
        begin(writer, path.parent, path.name)
        time.sleep(rng.choice((0, 0, rng.uniform(0, 0.05))))
    wait(writers, rng, tally)
    for writer in writers:
        check_end(writer, tally)
    finished = [w for w in writers if w.status == 0]
    if sum(not w.overwrite for w in finished) > (0 if before else 1):
        raise Wrong("more than one have finished a file that none of them may replace")
    array = read(path)
    if array is None:
        if before or finished:
            raise Wrong("the file is gone")
        return []
    # One that was killed may have given the file its name, and not have lived to say so.
    possible = [w.command for w in finished] or before
    possible += [
        w.command for w in writers if w.status not in (0, 2) and (w.overwrite or not before)
    ]
    if not any(is_grid(array, command) for command in possible):
        raise Wrong(f"what is in the file is none of {set(possible)}")
    tally["elements"] += len(array)
    return [command for command in possible if is_grid(array, command)]


def last_round(path: Path, command: Command, rng: random.Random, tally: Counter[str]) -> None:
    """Let an undisturbed process finish, with ``--overwrite`` if it is asked to say that."""
    for overwrite in (False, True):
        writer = Writer(command, overwrite, spelling="{}")
        begin(writer, path.parent, path.name)
        wait([writer], rng, tally)
        check_end(writer, tally)
        left = {p.name for p in path.parent.iterdir()} - {"link", "other", path.name}
        if not left and path.exists() and is_grid(read(path), command):
            break
    if "No space left" in writer.said:  # really: then nobody can finish
        return
    array = read(path)
    if array is None or not is_grid(array, command):
        raise Wrong(f"the same command did not finish: {writer.said}")
    tally["elements"] += len(array)
    if left:
        raise Wrong(f"left behind: {left}")


def trial(folder: Path, rng: random.Random, kinds: list[str], tally: Counter[str]) -> None:
    """Attack one name."""
    (folder / "other").mkdir()
    (folder / "link").symlink_to(folder)
    path = folder / f"grid.{rng.choice(kinds)}"
    commands = [random_command(rng) for _ in range(rng.choice((1, 1, 2)))]
    overwrite = rng.choice((0, 0, 0.5))
    before: list[Command] = []
    for _ in range(3):
        if before and rng.random() < 0.7:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            before = []
        writers = [random_writer(rng, commands, overwrite) for _ in range(rng.choice((1, 2, 2, 3)))]
        before = one_round(writers, path, before, rng, tally)
    last_round(path, commands[0], rng, tally)


def warm_up() -> None:
    """Let everything be imported and compiled before processes are forked.

    Nothing is written with zarr here: it would start threads, which a fork does not have.
    """
    import xspace.__main__
    import xspace.cli.files
    import xspace.cli.lock  # noqa: F401

    for function in ("linspace", "logspace", "geomspace"):
        for dtype in ("float64", "float32", "float16"):
            for num in (1, 50, 5000, 200_000):
                Command(function, 1, 20, num, dtype, 1).grid()
    for name in ("zarr", "rich.progress"):
        with contextlib.suppress(ImportError):
            __import__(name)


def main(arguments: list[str] | None = None) -> int:
    """Make trials until the time is up."""
    parser = argparse.ArgumentParser(
        prog="python -m xspace_conformance stress", description=__doc__
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, help="an earlier run's seed (default: a new one)")
    parser.add_argument("--trials", type=int, default=2**63, help="at most (default: no limit)")
    parser.add_argument("--folder", type=Path, help="where (default: a temporary folder)")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed} (--seed {seed} makes the same trials, though not at the same moments)")
    warm_up()
    kinds = ["npy", "zarr"] if find_spec("zarr") else ["npy"]
    tally: Counter[str] = Counter()
    until = time.monotonic() + options.seconds
    number = wrong = 0
    while time.monotonic() < until and number < options.trials:
        folder = Path(tempfile.mkdtemp(prefix="stress-", dir=options.folder)).resolve()
        try:
            trial(folder, random.Random(f"{seed} {number}"), kinds, tally)
        except Wrong as error:
            wrong += 1
            there = sorted(p.name for p in folder.iterdir())
            print(f"trial {number}: {re.sub(r'[ ]+', ' ', str(error))}\n  there are {there}")
        shutil.rmtree(folder)
        number += 1
    print(f"{number} trials, {wrong} wrong: " + ", ".join(f"{n} {k}" for k, n in tally.items()))
    return 1 if wrong else 0
