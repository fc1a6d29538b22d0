"""`arange`: a grid given by its step, its length from exact arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .call.elsewhere import quick_arange_elsewhere
from .call.quick import quick_arange
from .ground.float_environment import in_standard_environment
from .ground.loaded import is_compiling, is_numpy

if TYPE_CHECKING:
    from ._typing import Array, Date, Namespace, Number, Samples, Span

__all__ = ["arange"]


def arange(
    start: Number | Array | Date | Span,
    stop: Number | Array | Date | Span | None = None,
    step: Number | Array | Span = 1,
    *,
    inclusive: Literal["left", "both", "right", "neither"] = "left",
    dtype: Any = None,
    device: Any = None,
    xp: Namespace[Array] | None = None,
    chunks: Any = None,
    spec: Any = None,
) -> Samples:
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
    if chunks is spec is None and inclusive == "left" and not is_compiling():
        samples = None
        if (xp is None or is_numpy(xp)) and (device is None or device == "cpu"):
            samples = quick_arange(start, stop, step, dtype)
        elif device is None:
            samples = quick_arange_elsewhere(xp, start, stop, step, dtype)
        if samples is not None:
            return samples
    where = dtype, device, xp, chunks, spec
    return _make_arange(start, stop, step, inclusive, where)


@in_standard_environment
def _make_arange(*call: Any) -> Any:
    """The long way, whose modules are loaded by the first call that goes it."""
    from .call.steps import make_arange

    return make_arange(*call)
