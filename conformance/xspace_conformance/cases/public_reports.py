"""Public reports about grids in other libraries, as cases.

Each names its thread. Where the thread (or the arithmetic in it) says what is right, that is
kept as `right` and checked against the oracle; the oracle then judges every backend. Reports
whose call is not in the thread carry parameters that show the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ..truth.case import Case, sampled, spread
from ..truth.steps import Steps

INF, NAN = float("inf"), float("nan")
DEFAULT_NUM = 50


@dataclass(frozen=True)
class Report:
    """A thread, the call that it is about, and the elements that it says are right.

    Parameters
    ----------
    thread : str
        ``owner/repository#number``.
    case : Case
        The call in one dtype.
    right : dict of int to number
        Right elements by index (negative ones count from the end); empty if none are told.
    """

    thread: str
    case: Case
    right: dict[int, float]


def _reports(
    thread: str,
    call: tuple[Any, ...],
    right: Sequence[float] | dict[int, float] | None = None,
    dtypes: str = "float64",
    **keywords: Any,
) -> list[Report]:
    function, start, stop, num = call
    case = sampled(Case(thread, function, start, stop, num, **keywords))
    told = right if isinstance(right, dict) else dict(enumerate(right or ()))
    return [Report(thread, one, told) for one in spread(case, dtypes.split())]


_BIG = 8680131335536356089
_TENTHS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
_THOUSANDS = [1.0, 10.0, 100.0, 1000.0]
_MLX_1872 = [
    *(0.21436651051044464, 0.3646303117275238, 0.5148941278457642),
    *(0.6651579141616821, 0.8154217600822449, 0.9656855463981628),
]
_TORCH_40118 = [
    *(-2147483647, -1670265059, -1193046471, -715827883, -238609295),
    *(238609294, 715827882, 1193046470, 1670265058, 2147483647),
]
_NUMPY_5437 = [0, 0, 5e-324, 5e-324, 1e-323, 1e-323, 1.5e-323, 1.5e-323, 2e-323, 2e-323]
_NUMPY_21585 = [
    *(-9.9792015476736e291, 4.494232837155789e307, 8.988465674311578e307),
    *(1.3482698511467367e308, 1.7976931348623157e308),
]
_TORCH_55286 = [1.0, 1.5848932266235352, 2.5118863582611084, 3.981071710586548, 6.309573650360107]
_TORCH_70919 = [0, 0.20000000298023224, 0.4000000059604645, 0.6000000238418579, 0.800000011920929]
_BOTH = "float64 float32"
_ALL = "float64 float32 float16 bfloat16"
_OPEN: dict[str, Any] = {"endpoint": False}
_LIN, _LOG, _GEOM = "linspace", "logspace", "geomspace"

ACCURACY = [
    *_reports("pytorch/pytorch#58758", (_LIN, -77, 81, 31), {15: 2.0}, _BOTH),
    *_reports("pytorch/pytorch#4419", (_LIN, 0, 8198, 4100), {4095: 8190.0}, _BOTH),
    *_reports(
        "numpy/numpy#31038",
        (_LIN, float(np.float32(54.51)), float(np.float32(63.24)), 512),
        dtypes=_BOTH,
    ),
    *_reports("numpy/numpy#11608", (_LIN, 0, 1, 100000), {0: 0.0, -1: 1.0}),
    *_reports("numpy/numpy#14832", (_LIN, 0, 50, 10001), {1: 0.005, -1: 50.0}),
    *_reports("numpy/numpy#19664", (_LIN, 0, 1, 11), {3: 0.3}),
    *_reports("numpy/numpy#5438", (_LIN, 0, 22, 23), [*range(23)], f"{_BOTH} int64"),
    *_reports(
        "JuliaLang/julia#9637",
        (_LIN, 0.1, 1.1, 6),
        [0.1, 0.30000000000000004, 0.5, 0.7000000000000001, 0.9, 1.1],
    ),
    *_reports("JuliaLang/julia#39071", (_GEOM, 0.001, 100, 1000), {0: 0.001, -1: 100.0}, _BOTH),
    *_reports("dpilger26/NumCpp#55", (_LIN, -3.6, 3.6, 73), {36: 0.0}, _ALL),
]

INTEGERS = [
    *_reports("numpy/numpy#17891", (_GEOM, 1, 16, 5), [1, 2, 4, 8, 16], "int64 int32 uint8"),
    *_reports("numpy/numpy#9987", (_GEOM, 2, 8, 3), [2, 4, 8], "int64 int32"),
    *_reports("pytorch/pytorch#82230", (_LOG, 1.0, 2.0, 2), [10, 100], "int32 int64"),
    *_reports("pytorch/pytorch#81996", (_LIN, 0, 4, 50), {0: 0, -1: 4}, "int64 int32 int16"),
    *_reports(
        "pytorch/pytorch#88652",
        (_LIN, 1, 32, 10),
        [1, 4, 7, 11, 14, 18, 21, 25, 28, 32],
        "int64 int32",
    ),
    *_reports(
        "pytorch/pytorch#40118", (_LIN, -2147483647, 2147483647, 10), _TORCH_40118, "int32 int64"
    ),
    *_reports("pytorch/pytorch#187396", (_LIN, 4.9, 3, 5), [4, 4, 3, 3, 3], "int64 int32"),
    *_reports("microsoft/onnxscript#854", (_LIN, 0, 10, 5), [0, 2, 5, 7, 10], "int64 int32"),
    *_reports("numpy/numpy#18881", (_LIN, 0, 2**53 + 1, 2), [0, 2**53 + 1], "uint64"),
    *_reports("numpy/numpy#23187", (_LIN, _BIG, _BIG, 2), [_BIG, _BIG], "int64"),
    *_reports("numpy/numpy#21122", (_LIN, 2**53 + 1, 2**53 + 1, 1), [2.0**53]),
    *_reports(
        "IntelPython/dpctl#1056",
        (_LIN, -1.9, 9.1, 13),
        [-2, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "int64 int8",
    ),
    *_reports(
        "pyccel/pyccel#2126",
        (_LIN, -393, 5, 7),
        [-393, -337, -280, -223, -166, -109, -52],
        "int32",
        **_OPEN,
    ),
    *_reports("cupy/cupy#8893", (_LIN, -2, 2, 5), [-2, -1, 0, 1, 2], "int8"),
    *_reports("cupy/cupy#8893", (_LIN, -2, 2, 5), None, "uint8"),  # does not fit
    *_reports("cupy/cupy#8755", (_LOG, 1, 2, 1), [3], "int64 int32", base=3),
    *_reports("numba/numba#6526", (_LIN, 1, 23, 23), [*range(1, 24)], "int32 float64"),
    *_reports("numpy/numpy#31651", (_LIN, INF, INF, 5), None, "int64 int32"),  # does not fit
    *_reports("fortran-lang/stdlib#1055", (_LOG, 10, 23, 3), [1e10, 3.162277660168379e16, 1e23]),
]

ENDPOINTS = [
    *_reports("numpy/numpy#16411", (_GEOM, 0.3, 20.3, 3), [0.3, 2.467792535850613, 20.3]),
    *_reports(
        "jax-ml/jax#3014",
        (_LIN, -2.3328583, 2.8459014, 10),
        {-1: float(np.float32(2.8459014))},
        "float32",
    ),
    *_reports("ml-explore/mlx#1872", (_LIN, 0.21436651, 0.96568555, 6), _MLX_1872, "float32"),
    *_reports(
        "pytorch/pytorch#35461",
        (_LIN, -0.031608279794, 0.031531572342, 257),
        {-1: 0.031531572341918945},
        "float32",
    ),
    *_reports(
        "JuliaLang/julia#14420",
        (_LIN, 0.10000000000000045, 1, DEFAULT_NUM),
        {0: 0.10000000000000045},
    ),
    *_reports(
        "xtensor-stack/xtensor#2304",
        (_LIN, 0.0, 99.78730976641236, 100),
        {-1: 99.78730976641236},
    ),
    *_reports("mitsuba-renderer/drjit#163", (_LIN, 0.1, 0.7, 1000), {-1: 0.7}),
    *(
        report
        for num in (2, 3, 7, 48, 99, 1001)
        for report in _reports("numba/numba#7366", (_LIN, 0, 100, num), {-1: 100.0}, _BOTH)
    ),
    *_reports("unifyai/ivy#357", (_LIN, 0.0, 24.0, 7), {-1: 24.0}, _BOTH),
    *_reports("numpy/numpy#21513", (_LIN, -0.0, 0.0, 1), [-0.0], _ALL),
    *_reports("data-apis/array-api-tests#195", (_LIN, -0.0, -1.0, 1), [-0.0], _ALL, **_OPEN),
    *_reports("unifyai/ivy#13034", (_GEOM, 0.7, 19.1, 10), {0: 0.7, -1: 19.1}),
]

IDENTITY = [
    *_reports(
        "pytorch/pytorch#40904",
        (_LIN, 0.0004, 0, 204),
        {201: 3.940886472264538e-06, 202: 1.970443236132269e-06, 203: 0.0},
        "float32",
    ),
    *_reports("pytorch/pytorch#170168", (_LIN, -7, 93, 37), {0: -7, -1: 93}, "int32 int64"),
    *_reports(
        "pytorch/pytorch#137635",
        (_LIN, 4.3, -3, 50),
        {0: 4, 1: 4, 2: 4, 3: 3, 4: 3, 5: 3, -4: -3, -3: -3, -2: -3, -1: -3},
        "int8",
    ),
    *_reports("pytorch/pytorch#176720", (_LIN, -1, 1, 1000), {0: -1.0, -1: 1.0}, _ALL),
    *_reports("jax-ml/jax#8068", (_LOG, 0, 31, 32), [2.0**k for k in range(32)], _BOTH, base=2),
    *(
        report
        for base in (5, 7, 13)
        for report in _reports(
            "tensorflow/tensorflow#58479", (_LOG, 2, 2, 1), [base * base], _BOTH, base=base
        )
    ),
    *_reports("numpy/numpy#23289", (_LOG, -1.0, -1.0, 1), [0.1]),
    *_reports("jmrplens/phonometry#656", (_GEOM, 20, 20000, 31), {0: 20.0, -1: 20000.0}),
    *_reports("jax-ml/jax#7843", (_LIN, 0, 16777217, 3), [0, 8388608, 16777217], "int32"),
    *_reports("dask/dask#12053", (_LIN, -INF, 0, 3), [-INF, -INF, 0.0], _ALL),
]

EXTREMES = [
    *_reports("numpy/numpy#5437", (_LIN, 0, 2e-323, 10), _NUMPY_5437),
    *_reports(
        "numpy/numpy#21585", (_LIN, -9.9792015476736e291, 1.7976931348623157e308, 5), _NUMPY_21585
    ),
    *_reports("IntelPython/dpnp#3043", (_LIN, INF, INF, 4), [INF] * 4, _ALL),
    *_reports("pytorch/pytorch#165537", (_LIN, 0.0, INF, 3), [0.0, INF, INF], _ALL),
    *_reports("mindspore-ai/mindspore#269", (_LIN, 0, INF, 5), [0.0, INF, INF, INF, INF], _BOTH),
    *_reports("Oneflow-Inc/oneflow#10456", (_LIN, 0, NAN, 5), {0: 0.0}, _BOTH),
    *_reports("Oneflow-Inc/oneflow#10627", (_LOG, NAN, 1.0, 5), {-1: 10.0}, _BOTH),
    *_reports("numpy/numpy#24194", (_GEOM, 1, 10**20, DEFAULT_NUM), {0: 1.0, -1: 1e20}, _BOTH),
]

ARGUMENTS = [
    *(
        report
        for function in (_LIN, _LOG, _GEOM)
        for report in _reports(
            "numpy/numpy#16945", (function, np.float32(0.1), np.float32(0.5), 3), None, "float32"
        )
    ),
    *_reports("numpy/numpy#25919", (_LOG, np.float32(1), np.float32(2), 3), {0: 10}, "float32"),
    *_reports("tensorflow/tensorflow#124932", (_LIN, 0, 10, 5), [0, 2, 5, 7, 10], "int32"),
    *_reports("pytorch/pytorch#195978", (_GEOM, 1, 1000, 1), [1.0], _ALL),
    *_reports("ml-explore/mlx#573", (_LIN, 1, 10, 1), [1.0], _ALL),
    *_reports("elixir-nx/nx#1222", (_LIN, 0, 1, 11), _TENTHS),
    *_reports("Blosc/python-blosc2#405", (_LIN, 1, 2, 100), {-1: 2.0}, _BOTH),
    *_reports(
        "numpy/numpy#8909",
        (_LIN, Decimal("300e-6"), Decimal("250e-6"), 11),
        {0: 0.000300, 1: 0.000295},
    ),
    *_reports("tensorflow/tensorflow#21391", (_LIN, 1, 3, 3), [1.0, 2.0, 3.0], _ALL),
]

FEATURES = [
    *_reports("pytorch/pytorch#70919", (_LIN, 0, 1, 5), _TORCH_70919, "float32", **_OPEN),
    *_reports("pytorch/pytorch#55286", (_LOG, 0, 1, 5), _TORCH_55286, "float32", **_OPEN),
    *_reports("ml-explore/mlx#4152", (_LIN, 0, 10, 5), [0.0, 2.0, 4.0, 6.0, 8.0], _ALL, **_OPEN),
    *_reports(
        "dask/dask#3673", (_LIN, 0, 1, 3), [0, 0.3333333333333333, 0.6666666666666666], **_OPEN
    ),
    *_reports(
        "rust-ndarray/ndarray#1169", (_LIN, 0, 3, 6), [0, 0.5, 1, 1.5, 2, 2.5], _ALL, **_OPEN
    ),
    *_reports("unifyai/ivy#3829", (_GEOM, 1, 1000, 4), _THOUSANDS, _BOTH),
    *_reports("numpy/numpy#7255", (_GEOM, 1, 1000, 4), _THOUSANDS, _BOTH),
    *_reports("numba/numba#6301", (_GEOM, 1, 16, 5), [1.0, 2.0, 4.0, 8.0, 16.0], _ALL),
    *_reports("keras-team/keras#22257", (_GEOM, 1, 1000, 4), _THOUSANDS, "float32"),
    *_reports("nums-project/nums#317", (_GEOM, 1, 1000, 4), _THOUSANDS),
    *_reports("Bears-R-Us/arkouda#2999", (_LOG, 0, 3, 4), _THOUSANDS),
    *_reports("openvinotoolkit/openvino#30114", (_LOG, 0, 3, 4), _THOUSANDS, "float32"),
    *_reports("pytorch/pytorch#19220", (_LOG, 0, 3, 4), [1.0, 2.0, 4.0, 8.0], _ALL, base=2),
    *_reports("scipy/scipy#6117", (_GEOM, 400, 500, 100), {0: 400.0, -1: 500.0}),
    *_reports(
        "python/cpython#154573",
        (_LIN, 524560164915884.0, -995787893297778.6, 2),
        {1: -995787893297778.6},
    ),
    *_reports("numpy/numpy#22915", (_LIN, 4.936234, 1023.16231, 11), {-1: 1023.16231}),
    *_reports("pytorch/pytorch#91506", (_LIN, 0, 1, 1), [0.0], _ALL),
    *_reports("pytorch/pytorch#73559", (_LIN, -1.0, 1.0, 6), {-1: 1.0}, _BOTH),
]

REPORTS = [
    *ACCURACY,
    *INTEGERS,
    *ENDPOINTS,
    *IDENTITY,
    *EXTREMES,
    *ARGUMENTS,
    *FEATURES,
]

#: Lengths of ``arange``, as the reporters expected them.
RANGES: list[tuple[Steps, int]] = [
    (Steps("numpy/numpy#11913", 1, 1.6, 0.1), 6),
    (Steps("numpy/numpy#24301", 0.0, 60e-6, 1e-6), 60),
    (Steps("numpy/numpy#22492", 1250, 1350 + 0.005, 0.005), 20001),
    (Steps("numpy/numpy#20832", 0, 81.43, 0.01), 8143),
    (Steps("pytorch/pytorch#99853", 0, 1, 1 / 49), 49),
    (Steps("pytorch/pytorch#5556", 0.1, 0.5, 0.05), 8),
    (
        Steps(
            "tensorflow/tensorflow#22530",
            np.float32(0),
            np.float32(379),
            np.float32(379 / 94),
            "float32",
        ),
        94,
    ),
]
