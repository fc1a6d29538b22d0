"""Lanes against their right answers: each lane is a case, and an error names one."""

from __future__ import annotations

import re

from ..cases.lanes import Batch
from ..subjects.target import Target
from ..truth.answers import answer
from ..truth.formats import Bits
from .compare import differing, report


def check_batch(target: Target, batch: Batch) -> None:
    """Fail unless every lane is right, or the error that is due is raised."""
    if any(answer(case).error for case in batch.lanes.values()):
        check_batch_error(target, batch)
        return
    _, messages = compare(target, batch, batch.bits(target))
    assert not messages, "\n".join(messages[:5])


def compare(target: Target, batch: Batch, bits: Bits) -> tuple[int, list[str]]:
    """Count the wrong elements, and say which they are, lane by lane."""
    wrong, messages = 0, []
    for (place, case), lane in zip(batch.lanes.items(), bits, strict=True):
        wanted = answer(case)
        assert wanted.bits is not None
        message = report(
            case, wanted.indices, lane[wanted.indices], wanted.bits, batch.snippet(target)
        )
        if message is not None:
            wrong += differing(lane[wanted.indices], wanted.bits, case.dtype).size
            messages.append(f"lane {place}: {message}")
    return wrong, messages


def check_batch_error(target: Target, batch: Batch) -> None:
    """Fail unless an error is raised that names a lane in which it is due, and the element."""
    due = {place: answer(case) for place, case in batch.lanes.items()}
    code = f"\n  reproduce: {batch.snippet(target)}"
    error = raised_by(target, batch)
    assert error is not None, f"{batch.name}: no error was raised{code}"
    named = re.search(r"lane \(([\d, ]*)\)", str(error))
    assert named, f"{batch.name}: the error names no lane: {error}{code}"
    wanted = due[tuple(int(part) for part in named[1].replace(",", " ").split())]
    assert wanted.error is type(error), f"{batch.name}: {error!r}, wanted {wanted.error}{code}"
    if wanted.misfit is not None:
        index = re.search(r"element (\d+)", str(error))
        assert index, f"{batch.name}: the error names no element: {error}{code}"
        assert wanted.is_misfit(int(index[1])), f"{batch.name}: it fits: {error}{code}"


def raised_by(target: Target, batch: Batch) -> Exception | None:
    """Return the error of the values that a call raises, or where it is lazy, their reading."""
    try:
        with target.scope():
            batch.read(target, batch.call(target, **batch.inputs(target)))
    except (ValueError, OverflowError) as error:
        return error
    return None
