"""The public functions: a quick way for plain numbers, and a long one for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex

from .call.elsewhere import quick_elsewhere
from .call.quick import quick_geomspace, quick_linspace, quick_logspace, quick_step
from .ground.float_environment import in_standard_environment
from .ground.loaded import is_compiling, is_for_torch, is_numpy

if TYPE_CHECKING:
    from ._typing import Array, Complex, Date, Namespace, Samples, Span

__all__ = ["geomspace", "linspace", "logspace"]


def logspace(
    start: Complex | Array,
    stop: Complex | Array,
    num: SupportsIndex = 50,
    *,
    endpoint: bool = True,
    base: Complex | Array = 10.0,
    dtype: Any = None,
    device: Any = None,
    axis: SupportsIndex = 0,
    xp: Namespace[Array] | None = None,
    chunks: Any = None,
    spec: Any = None,
    workers: SupportsIndex | None = None,
) -> Samples:
    """Return numbers whose logarithms are evenly spaced.

    With ``div = num - 1``, or ``div = num`` without the endpoint, element ``i`` is the exact real
    number ``base ** ((start*(div - i) + stop*i) / div)``, rounded once to the dtype.

    Parameters
    ----------
    start, stop : int, float, complex, Fraction, Decimal, NumPy scalar, array or quantity
        The exponents of the first and of the last element, taken at their exact values.  Arrays
        broadcast with each other and with ``base``, and each lane is a grid of its own.
    num : int, default: 50
        How many elements; zero is allowed.
    endpoint : bool, default: True
        Whether ``base**stop`` is the last element.  If not, it is the one that would follow.
    base : int, float, complex, Fraction, Decimal, NumPy scalar or array, default: 10.0
        The base, taken at its exact value; or one a lane.
    dtype : dtype, optional
        A floating, complex or integer dtype of the namespace, as that library spells it.  By
        default that of the array arguments, else the library's; complex beside complex numbers.
    device : device, optional
        Where the array goes.  By default where the array arguments are, else the library's default.
    axis : int, default: 0
        The axis of the result along which the elements of a lane lie.
    xp : namespace, optional
        The array library, such as ``numpy``, ``torch`` or ``jax.numpy``.  By default that of the
        array arguments, else NumPy.
    chunks, spec : optional
        The chunks of a dask or cubed array, and cubed's ``Spec``, as these libraries spell them.
    workers : int, optional
        How many threads may make a large grid with compiled loops; -1 for one a core.

    Returns
    -------
    array
        The elements, an array of the namespace.  Its shape is ``(num,)``, or with lanes that of
        the lanes with ``num`` inserted at ``axis``.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: an endpoint that is a list or no number, a complex one
        beside a real dtype, arrays of two libraries, a dtype that is not supported.
    ValueError
        If ``num`` is negative, ``axis`` is not there, arrays do not broadcast or are on two
        devices, the device does not exist, or a NaN would go into an integer dtype; or if
        ``workers`` is zero, or above one for dask and cubed, which have workers of their own.
    OverflowError
        If a value does not fit into the integer dtype; the message names its index and its lane.

    See Also
    --------
    geomspace : the same with the ends themselves instead of their logarithms.
    linspace : evenly spaced numbers.

    Notes
    -----
    Floating dtypes round to nearest, ties to even, into subnormal numbers and to infinity where
    the value asks for it; complex ones round each part, of powers on the principal branch.  Integer
    dtypes truncate toward zero.

    A negative base has real powers where the exponent is exactly an integer; the other elements
    are NaN, in a real dtype.  Base 0 gives 1 at the exponent 0, infinity below it (a complex NaN)
    and 0 above it.  Base 1 gives 1.  If an exponent or the base is infinite or NaN, the elements
    are what IEEE 754's ``pow`` gives for the exponents of `linspace`.

    How it is done, with proofs, is in the documentation under "Method".

    Examples
    --------
    >>> import numpy as np
    >>> import xspace
    >>> xspace.logspace(0, 3, 4)
    array([   1.,   10.,  100., 1000.])
    >>> xspace.logspace(0, 1, 4, base=8)
    array([1., 2., 4., 8.])
    >>> xspace.logspace(0, 4, 5, base=2, endpoint=False, dtype=np.float32)
    array([1.       , 1.7411011, 3.031433 , 5.278032 , 9.189587 ],
          dtype=float32)

    Powers of ten are the numbers that one would write down:

    >>> bool(np.all(xspace.logspace(-300, 300, 601) == [float(f"1e{k}") for k in range(-300, 301)]))
    True

    Arrays make a grid a lane, with the bits that it has alone:

    >>> xspace.logspace(0, np.array([2.0, 4.0]), 3)
    array([[1.e+00, 1.e+00],
           [1.e+01, 1.e+02],
           [1.e+02, 1.e+04]])

    The limits:

    >>> xspace.logspace(-1, 1, 5, base=-2)
    array([-0.5,  nan,  1. ,  nan, -2. ])
    >>> xspace.logspace(-1, 1, 3, base=0)
    array([inf,  1.,  0.])
    >>> xspace.logspace(0, np.inf, 3)
    array([ 1., inf, inf])
    >>> xspace.logspace(0, 5, 6, dtype=np.int16)
    Traceback (most recent call last):
        ...
    OverflowError: logspace: element 5 is 100000.0, which int16 cannot hold (-32768 to 32767)
    """
    alone = workers is None or (type(workers) is int and workers == 1)
    if alone and chunks is spec is None and not is_compiling():
        samples = None
        if (xp is None or is_numpy(xp)) and (device is None or device == "cpu"):
            samples = quick_logspace(start, stop, num, endpoint, dtype, axis, base)
        if samples is None:
            samples = quick_elsewhere(
                "logspace", xp, device, start, stop, num, endpoint, dtype, axis, base
            )
        if samples is not None:
            return samples
    ends, where = {"start": start, "stop": stop, "base": base}, (dtype, device, xp, chunks, spec)
    return _make_samples("logspace", ends, num, endpoint, axis, where, workers)


def geomspace(
    start: Complex | Array,
    stop: Complex | Array,
    num: SupportsIndex = 50,
    *,
    endpoint: bool = True,
    dtype: Any = None,
    device: Any = None,
    axis: SupportsIndex = 0,
    xp: Namespace[Array] | None = None,
    chunks: Any = None,
    spec: Any = None,
    workers: SupportsIndex | None = None,
) -> Samples:
    """Return numbers in geometric progression.

    With ``div = num - 1``, or ``div = num`` without the endpoint, element ``i`` is the exact real
    number ``start * (stop/start) ** (i/div)``, rounded once to the dtype.

    Parameters
    ----------
    start, stop : int, float, complex, Fraction, Decimal, NumPy scalar, array or quantity
        The first and the last element, taken at their exact values.  They may both be negative.
        Arrays broadcast together, and each lane is a grid of its own.
    num : int, default: 50
        How many elements; zero is allowed.
    endpoint : bool, default: True
        Whether ``stop`` is the last element.  If not, it is the one that would follow.
    dtype : dtype, optional
        A floating, complex or integer dtype of the namespace, as that library spells it.  By
        default that of the array arguments, else the library's; complex beside complex numbers.
    device : device, optional
        Where the array goes.  By default where the array arguments are, else the library's default.
    axis : int, default: 0
        The axis of the result along which the elements of a lane lie.
    xp : namespace, optional
        The array library, such as ``numpy``, ``torch`` or ``jax.numpy``.  By default that of the
        array arguments, else NumPy.
    chunks, spec : optional
        The chunks of a dask or cubed array, and cubed's ``Spec``, as these libraries spell them.
    workers : int, optional
        How many threads may make a large grid with compiled loops; -1 for one a core.

    Returns
    -------
    array
        The elements, an array of the namespace.  Its shape is ``(num,)``, or with lanes that of
        the lanes with ``num`` inserted at ``axis``.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: an endpoint that is a list or no number, a complex one
        beside a real dtype, arrays of two libraries, a dtype that is not supported.
    ValueError
        If an endpoint is zero, ``num`` is negative, ``axis`` is not there, arrays do not
        broadcast or are on two devices, the device does not exist, or a NaN would go into an
        integer dtype; or if ``workers`` is zero, or above one for dask and cubed, which have
        workers of their own.
    OverflowError
        If a value does not fit into the integer dtype; the message names its index and its lane.

    See Also
    --------
    logspace : the same with the logarithms of the ends and a base.
    linspace : evenly spaced numbers.

    Notes
    -----
    Floating dtypes round to nearest, ties to even, into subnormal numbers and to infinity where
    the value asks for it; complex ones round each part, along the shortest spiral.  Integer dtypes
    truncate toward zero.

    Between endpoints of opposite signs a real dtype has no progression: the ends are as given and
    every element between them is NaN.  Beside an infinite endpoint the inner elements are
    infinite, too, and beside a NaN they are NaN.

    How it is done, with proofs, is in the documentation under "Method".

    Examples
    --------
    >>> import numpy as np
    >>> from fractions import Fraction
    >>> import xspace
    >>> xspace.geomspace(1, 1000, 4)
    array([   1.,   10.,  100., 1000.])
    >>> xspace.geomspace(1, 256, 9, dtype=int)
    array([  1,   2,   4,   8,  16,  32,  64, 128, 256])
    >>> xspace.geomspace(1, 16, 4, endpoint=False)
    array([1., 2., 4., 8.])
    >>> xspace.geomspace(-1000, -1, 4, dtype=np.float32)
    array([-1000.,  -100.,   -10.,    -1.], dtype=float32)
    >>> xspace.geomspace(Fraction(1, 3), 27, 5)
    array([ 0.33333333,  1.        ,  3.        ,  9.        , 27.        ])

    Arrays make a grid a lane, with the bits that it has alone:

    >>> xspace.geomspace(np.array([1.0, -1.0]), np.array([1000.0, -8.0]), 4, axis=-1)
    array([[   1.,   10.,  100., 1000.],
           [  -1.,   -2.,   -4.,   -8.]])

    The limits:

    >>> xspace.geomspace(1, np.inf, 3)
    array([ 1., inf, inf])
    >>> xspace.geomspace(-1, 1, 3)
    array([-1., nan,  1.])
    >>> xspace.geomspace(0, 1, 3)
    Traceback (most recent call last):
        ...
    ValueError: start must not be zero: a geometric progression cannot include zero
    """
    alone = workers is None or (type(workers) is int and workers == 1)
    if alone and chunks is spec is None and not is_compiling():
        samples = None
        if (xp is None or is_numpy(xp)) and (device is None or device == "cpu"):
            samples = quick_geomspace(start, stop, num, endpoint, dtype, axis)
        if samples is None:
            samples = quick_elsewhere(
                "geomspace", xp, device, start, stop, num, endpoint, dtype, axis
            )
        if samples is not None:
            return samples
    ends, where = {"start": start, "stop": stop}, (dtype, device, xp, chunks, spec)
    return _make_samples("geomspace", ends, num, endpoint, axis, where, workers)


def linspace(
    start: Complex | Array | Date | Span,
    stop: Complex | Array | Date | Span,
    num: SupportsIndex = 50,
    *,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    device: Any = None,
    axis: SupportsIndex = 0,
    xp: Namespace[Array] | None = None,
    chunks: Any = None,
    spec: Any = None,
    workers: SupportsIndex | None = None,
) -> Samples:
    """Return evenly spaced numbers.

    With ``div = num - 1``, or ``div = num`` without the endpoint, element ``i`` is the exact real
    number ``(start*(div - i) + stop*i) / div``, rounded once to the dtype.

    Parameters
    ----------
    start, stop : int, float, complex, Fraction, Decimal, NumPy scalar, array, quantity or date
        The first and the last element, taken at their exact values.  Arrays broadcast together,
        and each lane is a grid of its own.
    num : int, default: 50
        How many elements; zero is allowed.
    endpoint : bool, default: True
        Whether ``stop`` is the last element.  If not, it is the one that would follow.
    retstep : bool, default: False
        Whether the step is returned, too.
    dtype : dtype, optional
        A floating, complex or integer dtype of the namespace, as that library spells it.  By
        default that of the array arguments, else the library's; complex beside complex numbers.
    device : device, optional
        Where the array goes.  By default where the array arguments are, else the library's default.
    axis : int, default: 0
        The axis of the result along which the elements of a lane lie.
    xp : namespace, optional
        The array library, such as ``numpy``, ``torch`` or ``jax.numpy``.  By default that of the
        array arguments, else NumPy.
    chunks, spec : optional
        The chunks of a dask or cubed array, and cubed's ``Spec``, as these libraries spell them.
    workers : int, optional
        How many threads may make a large grid with compiled loops; -1 for one a core.

    Returns
    -------
    samples : array
        The elements, an array of the namespace.  Its shape is ``(num,)``, or with lanes that of
        the lanes with ``num`` inserted at ``axis``.
    step : float or array
        Only with ``retstep=True``: the exact ``(stop - start) / div`` rounded to float64, and NaN
        if ``div`` is zero or an endpoint is not finite.  With lanes an array of their shape, of
        the dtype of the samples if that is floating, else of the library's default.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: an endpoint that is a list or no number, a complex one
        beside a real dtype, arrays of two libraries, a dtype that is not supported.
    ValueError
        If ``num`` is negative, ``axis`` is not there, arrays do not broadcast or are on two
        devices, the device does not exist, or a NaN would go into an integer dtype; or if
        ``workers`` is zero, or above one for dask and cubed, which have workers of their own.
    OverflowError
        If a value does not fit into the integer dtype; the message names its index and its lane.

    See Also
    --------
    geomspace, logspace : numbers whose logarithms are evenly spaced.

    Notes
    -----
    Floating dtypes round to nearest, ties to even, into subnormal numbers and to infinity where
    the value asks for it, each part if they are complex.  Integer dtypes take the floor.

    An element that is exactly zero is ``0.0``, one that is negative and rounds to zero ``-0.0``,
    and an endpoint ``-0.0`` stays what it is.  Beside an infinite endpoint the inner elements are
    infinite, too; between two different infinities, and beside a NaN, they are NaN.

    How it is done, with proofs, is in the documentation under "Method".

    Examples
    --------
    >>> import numpy as np
    >>> from fractions import Fraction
    >>> import xspace
    >>> xspace.linspace(0, 1, 11).tolist()
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    >>> xspace.linspace(0, 1, 5, endpoint=False, retstep=True)
    (array([0. , 0.2, 0.4, 0.6, 0.8]), 0.2)
    >>> xspace.linspace(-5, 5, 4, dtype=int)
    array([-5, -2,  1,  5])
    >>> xspace.linspace(Fraction(1, 3), 1, 3, dtype=np.float32)
    array([0.33333334, 0.6666667 , 1.        ], dtype=float32)

    A symmetric grid is symmetric, with an exact zero in the middle:

    >>> grid = xspace.linspace(-0.7, 0.7, 1001)
    >>> bool(np.all(grid == -grid[::-1])), float(grid[500])
    (True, 0.0)

    Arrays make a grid a lane, with the bits that it has alone:

    >>> xspace.linspace(np.array([0.0, 1.0]), 3, 4, axis=-1, endpoint=False, retstep=True)
    (array([[0.  , 0.75, 1.5 , 2.25],
           [1.  , 1.5 , 2.  , 2.5 ]]), array([0.75, 0.5 ]))

    The limits:

    >>> xspace.linspace(0, np.inf, 3)
    array([ 0., inf, inf])
    >>> xspace.linspace(0, 1000, 3, dtype=np.int8)
    Traceback (most recent call last):
        ...
    OverflowError: linspace: element 1 is 500.0, which int8 cannot hold (-128 to 127)
    """
    alone = workers is None or (type(workers) is int and workers == 1)
    if alone and chunks is spec is None and not is_compiling():
        step = quick_step(start, stop, num, endpoint) if retstep is True else None
        if retstep is False or step is not None:
            samples = None
            if (xp is None or is_numpy(xp)) and (device is None or device == "cpu"):
                samples = quick_linspace(start, stop, num, endpoint, dtype, axis)
            if samples is None:
                samples = quick_elsewhere(
                    "linspace", xp, device, start, stop, num, endpoint, dtype, axis
                )
            if samples is not None:
                return samples if step is None else (samples, step)
    ends, where = {"start": start, "stop": stop}, (dtype, device, xp, chunks, spec)
    if is_compiling() and is_for_torch(ends, xp):
        from .call.torch_compiled import compiled_grid

        return compiled_grid("linspace", ends, num, endpoint, axis, where, retstep)
    return _make_linspace(ends, num, endpoint, retstep, axis, where, workers)


# The long way, whose modules are loaded by the first call that goes it: most calls do not.


@in_standard_environment
def _make_samples(*call: Any) -> Any:
    from .call.samples import make_samples

    return make_samples(*call)


@in_standard_environment
def _make_linspace(*call: Any) -> Any:
    from .call.samples import make_linspace

    return make_linspace(*call)
