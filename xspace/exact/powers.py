"""Which powers of rational numbers are rational: the cases that no precision can round.

``scale * base**(p/q)`` may lie exactly on a midpoint between two floating numbers, or on an
integer, and then a rounding test fails at every precision.  Such a value is rational, and it is
found here from the integers alone.
"""

from __future__ import annotations

from math import gcd

__all__ = ["integer_root", "rational_power"]


def integer_root(n: int, k: int) -> int | None:
    """The integer ``r`` with ``r**k == n``, or None, for ``n >= 1`` and ``k >= 1``."""
    if n == 1 or k == 1:
        return n
    if k >= n.bit_length():  # 1 < n < 2**k
        return None
    # Newton's iteration from above falls monotonically to floor(n ** (1/k)).
    r = 1 << -(-n.bit_length() // k)
    while True:
        s = ((k - 1) * r + n // r ** (k - 1)) // k
        if s >= r:
            break
        r = s
    return r if r**k == n else None


def rational_power(
    scale: tuple[int, int], base: tuple[int, int], p: int, q: int
) -> tuple[int, int, int] | None:
    """``(n, d, e)`` with ``scale * base**(p/q) == n / d * 2**e``, or None.

    ``scale`` and ``base`` are positive ratios in lowest terms, ``q > 0``.  None means that the
    value is irrational, or that it is rational but no multiple of a power of two with an odd part
    of up to 128 bits: in both cases it is no number of an output format, no midpoint and no
    integer of up to 64 bits, so that a rounding test passes at some precision.

    With ``base = 2**t * u / v``, ``u`` and ``v`` odd and coprime, and ``p/q`` in lowest terms,
    ``base**(p/q)`` is rational exactly if ``u`` and ``v`` are ``q``-th powers and ``q`` divides
    ``t`` (unique factorisation).
    """
    common = gcd(p, q)
    p, q = p // common, q // common
    u, v = base
    t = ((u & -u).bit_length() - 1) - ((v & -v).bit_length() - 1)
    u >>= max(t, 0)
    v >>= max(-t, 0)
    if t % q:
        return None
    u_root, v_root = integer_root(u, q), integer_root(v, q)
    if u_root is None or v_root is None:
        return None
    # An odd factor u_root**p must stay below 2**128 or be cancelled by the scale; a root itself
    # is at hand, however long.
    bits = max(u_root.bit_length(), v_root.bit_length()) - 1
    if abs(p) > 2 and abs(p) * bits > 256 + 2 * (scale[0].bit_length() + scale[1].bit_length()):
        return None
    if p < 0:
        u_root, v_root = v_root, u_root
    return scale[0] * u_root ** abs(p), scale[1] * v_root ** abs(p), t // q * p
