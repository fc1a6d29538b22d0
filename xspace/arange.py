"""`arange`: a grid given by its step, its length from exact arithmetic."""

from __future__ import annotations

from typing import Any

from .arguments import Scalar, is_date, is_integer, read_finite
from .float_environment import in_standard_environment, is_kept
from .grids import arange_line, check_length
from .produce import produce
from .target import Target, read_target

__all__ = ["arange"]


def arange(
    start: Any,
    stop: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    xp: Any = None,
    chunks: Any = None,
    spec: Any = None,
) -> Any:
    """Return numbers a step apart, from ``start`` up to but not including ``stop``.

    Element ``i`` is the exact real number ``start + i*step``, rounded once to the dtype, and there
    are ``ceil((stop - start) / step)`` of them, computed exactly from the numbers that were given.

    Parameters
    ----------
    start : int, float, Fraction, Decimal, NumPy scalar or 0-d array; or a date
        The first element, taken at its exact value.  If it is the only one of the three, it is
        ``stop``, and the first element is 0.
    stop : the same, optional
        Where the elements end; it is not one of them.
    step : the same, default: 1
        The distance between two elements, not zero; a negative one counts down.
    dtype : dtype, optional
        A real floating or integer dtype of the namespace, as that library spells it.  By default
        the library's default integer dtype if ``start``, ``stop`` and ``step`` are all integers
        (of Python, of NumPy, or 0-d arrays of an integer dtype); else that of the array arguments
        if they have a floating one, else the library's default.
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
        If an argument is of the wrong type: complex, no number, an array with dimensions, arrays
        of two libraries, a dtype that is not supported, dates together with other numbers.
    ValueError
        If ``step`` is zero, a number is infinite or NaN, the device does not exist, or no array
        can have so many elements.
    OverflowError
        If a value does not fit into the integer dtype; the message names its index.

    See Also
    --------
    linspace : a number of elements in place of a step.

    Notes
    -----
    Floating dtypes round to nearest, ties to even.  Integer dtypes take the floor of the exact
    value, as `linspace` does: the step itself is never rounded.  An element that is exactly zero
    is ``0.0``.

    What was given is taken exactly.  The float ``0.1`` is a little more than a tenth, and the float
    ``1.3`` a little more than that above ``1 + 3*0.1``: so ``arange(1, 1.3, 0.1)`` has 4 elements,
    and the last one rounds to ``stop``.  A Decimal or a Fraction says what is meant.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from fractions import Fraction
    >>> import numpy as np
    >>> import xspace
    >>> xspace.arange(5)
    array([0, 1, 2, 3, 4])
    >>> xspace.arange(0, 1, Decimal("0.1")).tolist()
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    >>> np.arange(1, 1.3, 0.1).tolist()
    [1.0, 1.1, 1.2000000000000002, 1.3000000000000003]
    >>> xspace.arange(1, Decimal("1.3"), Decimal("0.1")).tolist()
    [1.0, 1.1, 1.2]
    >>> xspace.arange(1, 0, Fraction(-1, 3))
    array([1.        , 0.66666667, 0.33333333])
    >>> xspace.arange(0, 3, 0.5, dtype=int)
    array([0, 0, 1, 1, 2, 2])
    >>> xspace.arange(np.datetime64("2024-02-28"), np.datetime64("2024-03-02"))
    array(['2024-02-28', '2024-02-29', '2024-03-01'], dtype='datetime64[D]')
    """
    if not is_kept():
        where = {"dtype": dtype, "device": device, "xp": xp, "chunks": chunks, "spec": spec}
        return in_standard_environment(arange)(start, stop, step, **where)
    if is_date(start) or is_date(stop) or is_date(step):
        from .dates import arange_dates, date_place

        return arange_dates(start, stop, step, dtype, date_place(device, xp, chunks, spec))
    given = {"start": start, "stop": stop, "step": step}
    if stop is None:
        del given["stop"]
    target = read_target("arange", given, dtype, device, xp, chunks, spec)
    if target.is_complex:
        names = [n for n, v in given.items() if isinstance(v, complex)] or ["dtype"]
        msg = f"{names[0]}: arange has no complex numbers"
        raise TypeError(msg)
    if dtype is None and all(map(is_integer, given.values())):
        target = _with_default_integer(target)
    read = {name: read_finite(name, value) for name, value in given.items()}
    if stop is None:
        read = {"start": Scalar(0, 1), "stop": read["start"], "step": read["step"]}
    return produce(check_length(arange_line(**read), "arange"), target)


def _with_default_integer(target: Target) -> Target:
    dtype = target.backend.default_integer(target.device)
    fmt, native = target.backend.read_dtype(dtype)
    return target._replace(fmt=fmt, dtype=native)
