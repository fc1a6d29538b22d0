"""Arguments in messages: never long, whatever their ``repr`` is or does."""

from __future__ import annotations

from typing import Any

__all__ = ["describe", "describe_integer", "kind_of", "shortened", "shown"]

#: Characters of a ``repr``, and of how a dtype or device names itself.
_LONGEST = 60


def describe(value: Any) -> str:
    """A wrong argument: its type and what it is."""
    return f"{type(value).__name__} {shown(value)}"


def shown(value: Any) -> str:
    """What it is, by its ``repr``: the beginning of a long one."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of thousands of digits, in a fraction neither
        size = value.bit_length() if isinstance(value, int) else 0
        text = f"of {size} bits" if size else "of thousands of digits"
    except Exception as error:  # a mistake in a message is no reason to hide the one that it is for
        text = f"whose repr raises {type(error).__name__}"
    return shortened(text)


def shortened(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) < _LONGEST else text[: _LONGEST - 3] + "..."


def kind_of(value: Any) -> str:
    """The full name of its type."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def describe_integer(value: int) -> str:
    """An integer in a message; of one that Python does not write, the length."""
    return str(value) if value.bit_length() < 1024 else f"an integer of {value.bit_length()} bits"
