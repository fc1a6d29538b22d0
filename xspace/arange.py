"""`arange`: a grid given by its step, its length from exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .call.assemble import assemble
from .call.lengths import progression_of_bounds
from .call.quick import quick_arange
from .call.target import read_target
from .deferred.ways import way_of
from .exact.number import Scalar
from .exact.progression import Arithmetic
from .exact.rounding import FloatFormat
from .grids.source import Line, Source
from .grids.target import Target
from .ground.float_environment import in_standard_environment, is_kept
from .ground.loaded import is_compiling, is_for_torch, is_symbolic, read_sizes
from .libraries.quantities import read_units
from .libraries.scalars import is_date, is_integer

__all__ = ["arange", "with_default_integer"]


def arange(
    start: Any,
    stop: Any = None,
    step: Any = 1,
    *,
    inclusive: str = "left",
    dtype: Any = None,
    device: Any = None,
    xp: Any = None,
    chunks: Any = None,
    spec: Any = None,
) -> Any:
    """Return numbers a step apart, from ``start`` up to but not including ``stop``.

    Element ``i`` is the exact real number ``start + i*step``, rounded once to the dtype.  Their
    number is exact, too, and the one that was meant: a float stands for every real number that
    rounds to it, and if such numbers make ``(stop - start) / step`` a whole number, and only one
    whole number, there are so many elements; else the ceiling of the quotient itself.

    Parameters
    ----------
    start : int, float, Fraction, Decimal, NumPy scalar, 0-d array, quantity or date
        The first element, taken at its exact value.  If it is the only one of the three, it is
        ``stop``, and the first element is 0.
    stop : the same, optional
        Where the elements end; it is not one of them.
    step : the same, default: 1
        The distance between two elements, not zero; a negative one counts down.
    inclusive : {"left", "both", "right", "neither"}, default: "left"
        Which ends belong to the elements: ``start``, both, ``stop`` or none.  ``stop`` is one of
        them only if it is a whole number of steps away, by the rule above.  Then the last element
        is ``start + k*step``, rounded, which may be a last bit away from ``stop``.
    dtype : dtype, optional
        A floating, complex or integer dtype of the namespace, as that library spells it.  By
        default the library's default integer dtype if ``start``, ``stop`` and ``step`` are all
        integers (of Python, of NumPy, or 0-d arrays of an integer dtype); else that of the array
        arguments if they have a floating one, else the library's default.
    device : device, optional
        Where the array goes.  By default to the device of the array arguments, else the library's
        default.
    xp : namespace, optional
        The array library, such as ``numpy``, ``torch`` or ``jax.numpy``.  By default that of the
        array arguments, else NumPy.
    chunks, spec : optional
        The chunks of a dask or cubed array, and cubed's ``Spec``, as these libraries spell them.

    Returns
    -------
    array
        The elements, an array of one dimension of the namespace; empty if ``stop`` lies behind
        ``start``.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: a complex number, no number, an array with dimensions,
        arrays of two libraries, a dtype that is not supported, dates together with other numbers.
    ValueError
        If ``step`` is zero, a number is infinite or NaN, ``inclusive`` is another word, the device
        does not exist, or no array can have so many elements.
    OverflowError
        If a value does not fit into the integer dtype; the message names its index.

    See Also
    --------
    linspace : a number of elements in place of a step.

    Notes
    -----
    Floating dtypes round to nearest, ties to even.  Integer dtypes take the floor of the exact
    value, as `linspace` does: the step itself is never rounded.  Complex dtypes have zero as the
    imaginary part.  An element that is exactly zero is ``0.0``.

    The elements are those of the numbers that were given, exactly: the float ``0.1`` is a little
    more than a tenth.  Only the length takes floats for what they round.  Integers, decimals and
    fractions are what they are: ``Decimal("0.1")`` is a tenth in the elements, too.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from fractions import Fraction
    >>> import numpy as np
    >>> import xspace
    >>> xspace.arange(5)
    array([0, 1, 2, 3, 4])
    >>> np.arange(1, 1.3, 0.1)
    array([1. , 1.1, 1.2, 1.3])
    >>> xspace.arange(1, 1.3, 0.1)
    array([1. , 1.1, 1.2])
    >>> xspace.arange(1, 1.3, 0.1, inclusive="both")
    array([1. , 1.1, 1.2, 1.3])
    >>> xspace.arange(0, 1, Decimal("0.1")).tolist()
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    >>> xspace.arange(1, 0, Fraction(-1, 3))
    array([1.        , 0.66666667, 0.33333333])
    >>> xspace.arange(0, 3, 0.5, dtype=int)
    array([0, 0, 1, 1, 2, 2])
    >>> xspace.arange(np.datetime64("2024-02-28"), np.datetime64("2024-03-02"))
    array(['2024-02-28', '2024-02-29', '2024-03-01'], dtype='datetime64[D]')
    """
    if device is xp is chunks is spec is None and inclusive == "left" and not is_compiling():
        samples = quick_arange(start, stop, step, dtype)
        if samples is not None:
            return samples
    if not is_kept():
        where = {"dtype": dtype, "device": device, "xp": xp, "chunks": chunks, "spec": spec}
        where["inclusive"] = inclusive
        return in_standard_environment(arange)(start, stop, step, **where)
    if is_date(start) or is_date(stop) or is_date(step):
        from .call.dates import arange_dates, date_place

        place = date_place(device, xp, chunks, spec)
        return arange_dates(start, stop, step, inclusive, dtype, place)
    given = {"start": start, "stop": stop, "step": step}
    if is_compiling() and is_for_torch(given, xp):
        from .call.torch_compiled import compiled_arange

        return compiled_arange(start, stop, step, inclusive, dtype, device)
    if any(map(is_symbolic, given.values())):
        return _arange_of_sizes(start, stop, step, inclusive, dtype, device, xp)
    if stop is None:
        del given["stop"]
    given, scale = read_units("arange", given)
    target = read_target("arange", given, dtype, device, xp, chunks, spec)
    if dtype is None and all(map(is_integer, given.values())):
        target = with_default_integer(target)
    line = progression_of_bounds(given, inclusive)
    source = _complex(line, target) if target.is_complex else Line("arange", line, target.fmt)
    samples = assemble(source, target)
    return samples if scale is None else scale.samples(samples)


def _arange_of_sizes(
    start: Any, stop: Any, step: Any, inclusive: str, dtype: Any, device: Any, xp: Any
) -> Any:
    """The same between integers that are not all known yet."""
    if inclusive != "left":
        msg = f"inclusive must be 'left' beside a size that is not known yet, got {inclusive!r}"
        raise ValueError(msg)
    if stop is None:
        start, stop = 0, start
    bounds = {"start": start, "stop": stop, "step": step}
    _, xp = read_sizes(bounds, None, xp)
    target = read_target("arange", {}, dtype, device, xp)
    if dtype is None:
        target = with_default_integer(target)
    return way_of(target.backend).arange_of_sizes(bounds, target)


def with_default_integer(target: Target) -> Target:
    """The same place, for the library's default integers."""
    dtype = target.backend.default_integer(target.device)
    fmt, native = target.backend.read_dtype(dtype)
    return target._replace(fmt=fmt, dtype=native)


def _complex(line: Arithmetic, target: Target) -> Source:
    """The complex grid of a real progression: a ``linspace`` between its own ends."""
    from .grids.complex import ComplexGrid

    ends = (Fraction(line.a + i * line.b, line.den) for i in (0, line.num))
    exact = tuple(Scalar(end.numerator, end.denominator) for end in ends)
    assert isinstance(target.fmt, FloatFormat)
    return ComplexGrid("arange", exact, line.num, False, target.fmt)
