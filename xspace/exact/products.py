"""Whether a product of powers of integers is one: exactly, however large the exponents."""

from __future__ import annotations

from math import gcd

__all__ = ["is_one"]

#: Primes by which numbers that differ are told apart at once.
_PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1, 2**127 - 1)


def is_one(factors: list[tuple[int, int]]) -> bool:
    """Whether the product of ``n**e`` over all ``(n, e)`` is 1, for ``n > 0``.

    The bases are split by their common divisors until any two of them are coprime.  Powers of
    coprime integers above 1 have no prime in common, so their product is 1 only where every
    exponent is 0.  Each split divides the product of all bases by at least 2.
    """
    if any(_differs_from_one(factors, prime) for prime in _PRIMES):
        return False
    coprime: list[tuple[int, int]] = []
    pending = list(factors)
    while pending:
        n, e = pending.pop()
        if n == 1 or e == 0:
            continue
        for k, (m, f) in enumerate(coprime):
            common = gcd(n, m)
            if common > 1:
                del coprime[k]
                i, rest_n = _take_out(n, common)
                j, rest_m = _take_out(m, common)
                pending += [(common, i * e + j * f), (rest_n, e), (rest_m, f)]
                break
        else:
            coprime.append((n, e))
    return not coprime


def _differs_from_one(factors: list[tuple[int, int]], prime: int) -> bool:
    """Whether the product of ``n**e`` is another number than 1 modulo a prime."""
    product = 1
    for n, e in factors:
        rest = n % prime
        if not rest:  # its inverse has no residue
            return False
        product = product * pow(rest, e % (prime - 1), prime) % prime
    return product != 1


def _take_out(n: int, part: int) -> tuple[int, int]:
    """``(k, n / part**k)`` with the largest ``k``, in as many steps as ``k`` has bits."""
    quotient, left = divmod(n, part)
    if left:
        return 0, n
    times, rest = _take_out(quotient, part * part)
    quotient, left = divmod(rest, part)
    return (2 * times + 1, rest) if left else (2 * times + 2, quotient)
