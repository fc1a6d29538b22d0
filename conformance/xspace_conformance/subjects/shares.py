"""What part of the suite a target gets, by a rule; and into which chunks its arrays are cut.

A target whose calls take long gets a share of the cases. One whose arrays have to be of certain
lengths gets all cases, each as a finer grid that has the elements of the case among its own.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

MOST_CHUNKS = 64


@dataclass(frozen=True)
class Share:
    """A rule.

    Parameters
    ----------
    one_in : int
        Of so many cases one is taken. Cases that differ in the dtype alone are taken in turn: with
        2, each is taken in every other dtype of the target.
    multiple : int
        What divides the lengths of all arrays.
    """

    one_in: int = 1
    multiple: int = 1

    def takes(self, text: str, place: int) -> bool:
        """Say whether a case is taken, known by a text and the place of its dtype."""
        return (zlib.crc32(text.encode()) + place) % self.one_in == 0


WHOLE = Share()


def odd_chunks(num: int) -> int | tuple[tuple[int, ...], ...]:
    """Return chunks as dask spells them: of one, a few or many elements, or of unequal lengths.

    The choice follows from `num`, and there are no more than 64 chunks.
    """
    least = -(-num // MOST_CHUNKS) | 1
    if num % 5 == 0 and num:
        return (uneven(num),)
    return max(least, (1, 3, 7, 31)[num % 4])


def uneven(num: int) -> tuple[int, ...]:
    """Return lengths that add up to `num` (positive): each about a third of what is left, odd."""
    lengths = []
    while num:
        lengths.append(min(num, num // 3 | 1))
        num -= lengths[-1]
    return tuple(lengths)
