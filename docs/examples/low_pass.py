"""What a low-pass filter lets through, on any array library."""

import xspace


def low_pass(first, last, num, corner, *, xp=None, dtype=None, device=None):
    """Frequencies in equal ratios, and the share of the power that passes at each.

    `first`, `last` and `corner` are numbers, or arrays of one library, which then is the library
    of the results; `xp`, `dtype` and `device` are as `xspace.geomspace` has them.
    """
    frequencies = xspace.geomspace(first, last, num, xp=xp, dtype=dtype, device=device)
    ratio = frequencies / corner
    return frequencies, 1 / (1 + ratio * ratio)
