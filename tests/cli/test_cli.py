"""The command line: what it prints, how it fails, and what it imports."""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import os
import shutil
import subprocess
import sys
from argparse import ArgumentTypeError
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from counting import bytes_made

import xspace
from xspace import functions
from xspace.__main__ import main
from xspace.cli import installed as _installed
from xspace.cli import selfcheck as _selfcheck
from xspace.cli.decimal import shortest
from xspace.cli.program import _number
from xspace.cli.texts import formatter
from xspace.testing import assert_identical


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """The lines that a successful command prints."""
    status = main(argv)
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    return captured.out.splitlines()


def fail(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The message of a command that must fail, on one line and with nothing printed."""
    status = main(argv)
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert captured.err.startswith("xspace: error: ")
    assert captured.err.endswith("\n")
    assert captured.err.count("\n") == 1
    return captured.err.removeprefix("xspace: error: ")


def python(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *argv],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


class TestGrids:
    def test_logspace(self, capsys):
        assert run(capsys, "logspace", "0", "3", "--num", "4") == ["1.0", "10.0", "100.0", "1000.0"]

    def test_geomspace(self, capsys):
        assert run(capsys, "geomspace", "1", "256", "-n", "3") == ["1.0", "16.0", "256.0"]

    def test_linspace(self, capsys):
        assert run(capsys, "linspace", "0", "1", "-n", "6")[3] == "0.6"

    def test_fifty_values_by_default(self, capsys):
        assert len(run(capsys, "linspace", "0", "1")) == 50

    def test_no_values(self, capsys):
        assert run(capsys, "linspace", "0", "1", "-n", "0") == []

    def test_base(self, capsys):
        lines = run(capsys, "logspace", "0", "3", "-n", "4", "--base", "2")
        assert lines == ["1.0", "2.0", "4.0", "8.0"]

    def test_no_endpoint(self, capsys):
        lines = run(capsys, "linspace", "0", "1", "-n", "4", "--no-endpoint")
        assert lines == ["0.0", "0.25", "0.5", "0.75"]

    def test_values_are_those_of_the_function(self, capsys):
        """Several chunks of output lose and reorder nothing."""
        lines = run(capsys, "logspace", "-3", "0.1", "-n", "20000")
        assert lines == [repr(x) for x in xspace.logspace(-3, Fraction("0.1"), 20000).tolist()]

    @pytest.mark.parametrize(
        ("start", "stop", "middle"),
        [
            ("-3", "-1", "-2.0"),
            ("-1e3", "-5e2", "-750.0"),
            ("-.5", "-1.5", "-1.0"),
            ("-1/3", "-2/3", "-0.5"),
            ("-0x1p-1", "-0x1p1", "-1.25"),
            ("-inf", "-INF", "-inf"),
        ],
    )
    def test_negative_arguments_are_not_options(self, capsys, start, stop, middle):
        assert run(capsys, "linspace", start, stop, "-n", "3")[1] == middle

    def test_negative_base(self, capsys):
        lines = run(capsys, "logspace", "0", "2", "-n", "3", "--base", "-2")
        assert lines == ["1.0", "-2.0", "4.0"]

    def test_version(self, capsys):
        assert run(capsys, "--version") == [f"xspace {xspace.__version__}"]

    @pytest.mark.parametrize("command", ["logspace", "geomspace", "linspace"])
    def test_help_says_how_numbers_are_read(self, capsys, command):
        text = "\n".join(run(capsys, command, "--help"))
        assert "0.3 is three tenths" in text
        assert 'linspace(0, Fraction("0.3"), 4)' in text

    @pytest.mark.parametrize(
        "command", ["logspace", "geomspace", "linspace", "arange", "backends", "completion"]
    )
    def test_help_fits_a_terminal(self, capsys, command, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        assert max(map(len, run(capsys, command, "--help"))) <= 80


def _text(number: int) -> str:
    """The digits of an integer, of any length."""
    parts = []
    while number >= 10**500:
        number, last = divmod(number, 10**500)
        parts.append(f"{last:0500}")
    return "".join([str(number), *reversed(parts)])


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("3", 3),
            (" -3", -3),
            ("9" * 400, int("9" * 400)),
            ("0.1", Decimal("0.1")),
            ("1e3", Decimal(1000)),
            (" -.5E-400", Decimal("-5e-401")),
            ("1_000.5", Decimal("1000.5")),
            pytest.param("1" * 5000, (10**5000 - 1) // 9, id="5000 digits"),
            ("1/10", Fraction(1, 10)),
            (" -2/6", Fraction(-1, 3)),
            ("0x1.8p1", Fraction(3)),
            (" -0X.8P-2000", Fraction(-1, 2**2001)),
            ("0x1.00000000000000000001", 1 + Fraction(1, 16**20)),
            ("0x10", Fraction(16)),
            ("inf", math.inf),
            (" -Infinity", -math.inf),
        ],
    )
    def test_reading(self, text, number):
        read = _number(text)
        assert read == number
        assert type(read) is type(number)

    def test_nan(self):
        assert math.isnan(_number("nan"))

    @pytest.mark.parametrize("digits", [640, 641, 4300, 4301, 5000, 99_999])
    def test_integers_of_any_length(self, digits):
        """Python alone reads no more than 4,300 digits at once."""
        text, number = "9" * digits, 10**digits - 1
        assert _number(text) == number
        assert _number(f" -{text}") == -number
        assert _number(f"+{text}") == number
        assert _number(f"{text}/1{text}") == Fraction(number, 10**digits + number)
        assert _number("1" + "0" * digits) == 10**digits

    def test_underscores(self):
        """As Python reads them: a float would be another number."""
        assert _number("9_007_199_254_740_993") == 2**53 + 1
        assert _number("1_0/3_0") == Fraction(1, 3)
        for text in ("_1", "1_", "1__0", "1/-3", "1/", "/3", "1/2/3", "1.5/2", "1/x"):
            with pytest.raises(ArgumentTypeError, match="is not a number"):
                _number(text)

    def test_a_long_integer_is_not_rounded_on_the_way(self, capsys):
        """The quotient of two of them is 1/3 and a little, on the other side of a midpoint."""
        n = 10**5000
        third = f"{_text(n)}/{_text(3 * n)}"
        assert run(capsys, "linspace", third, third, "-n", "1") == [repr(1 / 3)]
        middle = Fraction(1) + Fraction(1, 2**53)
        for shift, value in ((-1, 1.0), (0, 1.0), (1, 1 + 2**-52)):
            words = f"{_text(middle.numerator * n + shift)}/{_text(middle.denominator * n)}"
            assert run(capsys, "linspace", words, words, "-n", "1") == [repr(value)]

    @pytest.mark.parametrize("text", ["-0.0", "-.0", "-0e5", "-0x0p3"])
    def test_zeros_keep_their_signs(self, capsys, text):
        assert run(capsys, "linspace", text, "-1", "-n", "2") == ["-0.0", "-1.0"]
        assert run(capsys, "linspace", text[1:], "-1", "-n", "2") == ["0.0", "-1.0"]

    @pytest.mark.parametrize("text", ["", ".", "1e", "0x", "0x.", "0x1p", "1.2.3", "sNaN", "nan5"])
    def test_no_numbers(self, text):
        with pytest.raises(argparse.ArgumentTypeError, match="is not a number"):
            _number(text)

    def test_decimals_are_exact(self, capsys):
        """Not the floats nearest to them: three tenths, and a third of it."""
        lines = run(capsys, "linspace", "0", "0.3", "-n", "4")
        assert lines == list(map(repr, xspace.linspace(0, Fraction("0.3"), 4).tolist()))
        assert lines == ["0.0", "0.1", "0.2", "0.3"]
        assert lines != list(map(repr, xspace.linspace(0, 0.3, 4).tolist()))
        assert run(capsys, "logspace", "0.5", "1", "-n", "1", "-b", "0.01") == ["0.1"]
        assert run(capsys, "linspace", "0", "1e400", "-n", "3") == ["0.0", "inf", "inf"]

    def test_files_are_exact(self, capsys, tmp_path):
        for function, stop, base in (("linspace", "0.3", ()), ("logspace", "0.1", ("-b", "1.1"))):
            path = tmp_path / f"{function}.npy"
            run(capsys, function, "0", stop, "-n", "1000", *base, "--out", str(path))
            options = {"base": Fraction(base[1])} if base else {}
            made = getattr(xspace, function)(0, Fraction(stop), 1000, **options)
            assert_identical(np.load(path), made)

    @pytest.mark.parametrize("text", ["1e999999999999", "1e-999999999999", "1e1000001"])
    def test_text_that_is_longer_than_it_looks(self, capsys, text):
        assert "too long to be exact" in fail(capsys, "linspace", "0", text)
        assert "too long to be exact" in fail(capsys, "logspace", "0", "1", "-b", text)

    def test_text_that_is_no_number_of_any_size(self, capsys):
        long = "linspace", "0", "0x1p99999999999999"
        assert "too long" in fail(capsys, *long)
        assert bytes_made(lambda: fail(capsys, *long)) < 2**20
        assert "not a number" in fail(capsys, "linspace", "0", "1e" + "9" * 100)
        assert "outside the range" in fail(capsys, "linspace", "0", "1e999j")

    def test_a_fraction_is_not_rounded_on_the_way(self, capsys):
        """The float nearest to 1/3 is less by 1.9e-17: enough to miss 2**20."""
        options = ("-n", "1", "--base", str(8**20))
        assert run(capsys, "logspace", "1/3", "1", *options) == ["1048576.0"]
        nearest = (1 / 3).hex()
        assert run(capsys, "logspace", nearest, "1", *options) == ["1048575.9999999992"]


class TestFormats:
    @pytest.mark.parametrize(
        ("form", "line"),
        [
            ("%.3e", "5.000e-01"),
            ("x = %g;", "x = 0.5;"),
            (".6f", "0.500000"),
            ("hex", "0x1.0000000000000p-1"),
        ],
    )
    def test_format(self, capsys, form, line):
        assert run(capsys, "linspace", "0", "1", "-n", "3", "--format", form)[1] == line

    def test_integers(self, capsys):
        lines = run(capsys, "linspace", "0", "30", "-n", "3", "--dtype", "int64")
        assert lines == ["0", "15", "30"]

    @pytest.mark.parametrize(("form", "line"), [("hex", "0xf"), ("%x", "f"), ("03d", "015")])
    def test_formats_of_integers(self, capsys, form, line):
        arguments = ("linspace", "0", "30", "-n", "3", "--dtype", "int64", "--format", form)
        assert run(capsys, *arguments)[1] == line

    @pytest.mark.parametrize(
        ("dtype", "line"), [("float64", "0.1"), ("float32", "0.1"), ("float16", "0.1")]
    )
    def test_shortest_in_its_own_dtype(self, capsys, dtype, line):
        assert run(capsys, "linspace", "0.1", "1", "--dtype", dtype)[0] == line

    def test_bfloat16(self, capsys):
        pytest.importorskip("torch")
        arguments = ("linspace", "0.1", "300", "-n", "2", "--dtype", "bfloat16")
        assert run(capsys, *arguments, "--backend", "torch") == ["0.1", "300.0"]

    def test_every_bfloat16_reads_back(self):
        """All 65,536 of them, through a decimal no longer than needed."""
        upper = np.arange(1 << 16, dtype=np.uint32)
        values = (upper << 16).view(np.float32)
        finite = np.isfinite(values)
        texts = list(shortest("bfloat16", values[finite]))
        read = np.asarray([float(text) for text in texts]).astype(np.float32).view(np.uint32)
        # A float32 to the nearest bfloat16, ties to even.
        rounded = (read + np.uint32(0x7FFF) + ((read >> 16) & np.uint32(1))) >> np.uint32(16)
        assert (rounded == upper[finite]).all()
        mantissas = [text.lstrip("-").partition("e")[0].replace(".", "") for text in texts]
        digits = [len(mantissa.strip("0")) for mantissa in mantissas]
        assert max(digits) == 4
        assert np.mean(digits) < 3

    def test_bfloat16_specials(self):
        values = np.asarray([math.inf, -math.inf, math.nan, -0.0], dtype=np.float32)
        assert list(shortest("bfloat16", values)) == ["inf", "-inf", "nan", "-0.0"]


class TestBackends:
    @pytest.mark.parametrize("backend", ["torch", "jax", "array-api-strict", "array_api_strict"])
    def test_backend(self, backend):
        pytest.importorskip(backend.replace("-", "_"))
        result = python(
            *("-m", "xspace", "logspace", "-1", "0", "-n", "3"),
            *("--backend", backend, "--dtype", "float64"),
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines() == ["0.1", "0.31622776601683794", "1.0"]

    def test_device(self, capsys):
        pytest.importorskip("array_api_strict")
        options = ("--backend", "array_api_strict", "--device", "device1")
        assert run(capsys, "linspace", "0", "1", "-n", "3", *options) == ["0.0", "0.5", "1.0"]

    def test_report(self):
        result = python("-m", "xspace", "backends")
        assert (result.returncode, result.stderr) == (0, "")
        (numpy_row,) = [line for line in result.stdout.splitlines() if "numpy" in line]
        assert np.__version__ in numpy_row
        assert numpy_row.count("identical") == 2

    def test_report_of_named_backends(self, capsys):
        lines = run(capsys, "backends", "numpy")
        assert sum("identical" in line for line in lines) == 1

    def test_which_code_makes_grids(self, capsys):
        """As the variable says it that a process reads once."""
        *_, note = run(capsys, "backends", "numpy")
        assert note == f"Grids in host memory are made by: {xspace.show_config('dicts')['engine']}"
        program = "import xspace; xspace.show_config()"
        assert (
            "engine:   Python and NumPy alone: XSPACE_NATIVE=0 switches"
            in python("-c", program, XSPACE_NATIVE="0").stdout
        )
        missing = "import sys; sys.modules['xspace.engine._native'] = None; " + program
        assert "engine is not installed" in python("-c", missing, XSPACE_NATIVE="").stdout
        assert "import of xspace.engine._native" in python("-c", missing, XSPACE_NATIVE="1").stderr
        with pytest.raises(ValueError, match="mode must be"):
            xspace.show_config("json")

    def test_a_wrong_bit_is_reported(self, capsys, monkeypatch):
        """The check must be able to fail: the last bit of one element is flipped."""
        right = functions.logspace

        def wrong(*args, xp=None, **kwargs):
            grid = right(*args, xp=xp, **kwargs)
            if xp is not None and grid.dtype == np.float32:
                grid.view(np.uint32)[0] ^= 1
            return grid

        monkeypatch.setattr(functions, "logspace", wrong)
        assert main(["backends", "numpy"]) == 1
        captured = capsys.readouterr()
        assert "identical" in captured.out
        assert "differs" in captured.out
        assert "1 of 1281 elements differ (float32, at most 1 ulp)" in captured.err

    def test_without_rich(self, capsys, monkeypatch):
        monkeypatch.setattr(_selfcheck, "find_spec", lambda name: None)
        titles, row, _ = run(capsys, "backends", "numpy")
        assert titles.split()[:3] == ["backend", "version", "device"]
        assert row.split() == ["numpy", np.__version__, "cpu", "float64", "identical", "identical"]


class TestErrors:
    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            ("", "COMMAND"),
            ("logspace 0", "STOP"),
            ("sumspace 0 1", "sumspace"),
            ("linspace zero 1", "START: 'zero' is not a number"),
            ("linspace 1/0 1", "START: 1/0 has a zero denominator"),
            ("linspace 0 1e400j", "STOP: 1e400j is outside the range of complex128"),
            ("linspace 0 1 --num 5.0", "--num"),
            ("linspace 0 1 --num -5", "num"),
            ("linspace 0 1 --dtype float63", "float63"),
            ("linspace 0 1 --dtype bfloat16", "numpy has no dtype 'bfloat16'"),
            ("linspace 0 1 --base 2", "--base"),
            ("linspace 0 1 --format %d%d", "'%d%d' does not format a number"),
            ("linspace 0 1 --format .3q", "'.3q' does not format a number"),
            ("linspace 0 1 --backend no_such_library", "there is no backend 'no_such_library'"),
            ("linspace 0 1 --backend math", "'math' does not follow the array API standard"),
            ("linspace 0 1 --device moon", "numpy has no device 'moon', only cpu"),
            ("backends no_such_library", "there is no backend 'no_such_library'"),
            ("geomspace 0 1", "zero"),
            ("logspace 0 3 --num 4 --dtype int8", "1000"),
        ],
    )
    def test_one_line_and_status_2(self, capsys, argv, message):
        assert message in fail(capsys, *argv.split())

    LONG = "".join(f"{k}x" for k in range(2000))
    NUMBER = LONG.replace("x", "7")

    @pytest.mark.parametrize(
        "argv",
        [
            "{}",
            "linspace {} 1",
            "linspace 0 1/{}x",
            "linspace 0 1e{n}",
            "linspace 0 {n}/0",
            "linspace 0 1 {}",
            "linspace 0 1 --num {}",
            "linspace 0 1 --num {n}",
            "linspace 0 1 --num={}",
            "linspace 0 1 -n{}",
            "linspace 0 1 --dtype {}",
            "linspace 0 1 --format {}",
            "linspace 0 1 --backend {}",
            "linspace 0 1 --device {}",
            "linspace 0 1 --{}",
            "linspace 0 1 --chunks {} --out grid.npy",
            "linspace 0 1 --chunks {n}",
            "linspace 0 1 --out {}",
            "linspace 0 1 --out {}.npy",
            "linspace 0 1 --out {}/grid.npy",
            "linspace 0 {n} --dtype int8",
            "geomspace 1 -{n} --dtype int64",
            "logspace 0 {n} --base {n} --dtype int64 -n 2",
            "backends {}",
        ],
    )
    def test_little_of_a_long_argument(self, capsys, argv):
        words = [w.format(self.LONG, n=self.NUMBER) for w in argv.split()]
        text = fail(capsys, *words)
        assert len(text) <= 300
        for long in (self.LONG, self.NUMBER):
            assert not any(long[k : k + 201] in text for k in range(len(long) - 200))

    def test_an_argument_of_several_lines(self, capsys):
        assert "a" in fail(capsys, "linspace", "0", "1", "a\nb")

    def test_closed_output(self, tmp_path):
        """There is none to write to, and none is needed for a file."""
        close = (
            "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
        )
        command = ("-c", close, "-m", "xspace", "linspace", "0", "1")
        done = python(*command, "--out", str(tmp_path / "grid.npy"))
        assert (done.returncode, done.stderr) == (0, "")
        assert np.load(tmp_path / "grid.npy").tolist() == xspace.linspace(0, 1).tolist()
        done = python(*command)
        assert done.returncode == 2
        assert done.stderr == "xspace: error: standard output is closed\n"

    def test_closed_pipe_is_quiet(self):
        command = [sys.executable, "-m", "xspace", "linspace", "0", "1", "-n", "200000"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "0.0\n"
            process.stdout.close()
            assert process.stderr.read() == ""
            assert process.wait(timeout=60) == 141

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run(
                [sys.executable, "-m", "xspace", "linspace", "0", "1"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert result.returncode == 2
        assert result.stderr.startswith("xspace: error: ")
        assert result.stderr.count("\n") == 1


def test_only_the_asked_backend_is_imported():
    code = (
        "import sys; from xspace.__main__ import main; main(['linspace', '0', '1', '-n', '2']);"
        "print(sorted({'torch', 'jax', 'cupy', 'array_api_strict', 'rich'} & set(sys.modules)))"
    )
    result = python("-c", code)
    assert (result.stdout, result.stderr) == ("0.0\n1.0\n[]\n", "")


class TestStreams:
    def test_at_once_and_in_constant_memory(self):
        """The first of 10**10 values, in less memory than a hundredth of them take."""
        limit = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (1 << 29, 1 << 29));"
        code = f"{limit} from xspace.__main__ import main; import sys; sys.exit(main(sys.argv[1:]))"
        long = ["--num", "10000000000"]
        for words in (
            ["linspace", "0", "1", *long],
            ["linspace", "0", "1j", *long],
            ["arange", "1e10"],
        ):
            command = [sys.executable, "-c", code, *words]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                lines = [process.stdout.readline() for _ in range(20_000)]
                process.stdout.close()
                assert process.wait(timeout=60) == 141
            number = 1 if words[0] == "arange" else Fraction(1, 10**10 - 1)
            unit = 1j if "1j" in words else 1
            assert lines == [f"{float(i * number) * unit!r}\n" for i in range(20_000)]

    def test_an_error_comes_before_the_first_value(self, capsys):
        message = fail(capsys, "linspace", "0", "1e6", "--num", "1000000", "--dtype", "int16")
        assert "element 32768 is 32768.0" in message
        assert "70000" in fail(capsys, "arange", "60000", "80000", "10000", "--dtype", "uint16")
        assert "more than an array can have" in fail(capsys, "linspace", "0", "1", "-n", "9" * 30)

    @pytest.mark.parametrize("words", ["linspace -1 2 -n 20001", "geomspace -1 -8 -n 9000"])
    def test_blocks_are_those_of_the_whole(self, capsys, words):
        function, start, stop, _, num = words.split()
        made = getattr(xspace, function)(int(start), int(stop), int(num), dtype=np.float32)
        assert run(capsys, *words.split(), "--dtype", "float32") == list(map(str, made))

    @pytest.mark.parametrize("backend", ["numpy", "torch", "dask", "array_api_strict"])
    @pytest.mark.parametrize(
        ("words", "grid"),
        [
            ("geomspace 1 -2j -n 9000", lambda: xspace.geomspace(1, -2j, 9000)),
            ("linspace 0 inf -n 9000", lambda: xspace.linspace(0, np.inf, 9000)),
        ],
    )
    def test_blocks_of_what_is_no_range(self, capsys, words, grid, backend):
        module = "dask.array" if backend == "dask" else backend
        pytest.importorskip(module, reason=f"needs {backend}")
        dtype = str(grid().dtype)
        lines = run(capsys, *words.split(), "--backend", backend, "--dtype", dtype)
        assert lines == list(map(repr, grid().tolist()))


class TestSteps:
    def test_bounds(self, capsys):
        assert run(capsys, "arange", "3") == ["0", "1", "2"]
        assert run(capsys, "arange", "1", "3") == ["1", "2"]
        assert run(capsys, "arange", "0", "0.3", "0.1") == ["0.0", "0.1", "0.2"]
        assert run(capsys, "arange", "0", "0.3", "0.1", "--inclusive", "both")[-1] == "0.3"
        assert run(capsys, "arange", "3", "0", "-1") == ["3", "2", "1"]
        assert run(capsys, "arange", "2", "--dtype", "float32") == ["0.0", "1.0"]
        assert run(capsys, "arange", "0", "-5") == []

    def test_errors(self, capsys):
        assert "step must not be zero" in fail(capsys, "arange", "0", "1", "0")
        assert "must be finite" in fail(capsys, "arange", "inf")
        assert "'bth'; did you mean 'both'?" in fail(capsys, "arange", "5", "--inclusive", "bth")


class TestDates:
    def test_dates(self, capsys):
        assert run(capsys, "linspace", "2024-02-28", "2024-03-01", "-n", "3")[1] == "2024-02-29"
        lines = run(capsys, "arange", "2024-02-28", "2024-03-01", "36h")
        assert lines == ["2024-02-28T00", "2024-02-29T12"]
        assert run(capsys, "arange", "2024-01", "2024-04") == ["2024-01", "2024-02", "2024-03"]
        assert run(capsys, "linspace", "2024-01-01T12:30Z", "2024-01-01T13:30", "-n", "1") == [
            "2024-01-01T12:30"
        ]
        options = ("-n", "2", "--dtype", "datetime64[h]")
        lines = run(capsys, "linspace", "2024-01-01", "2024-01-02", *options)
        assert lines == ["2024-01-01T00", "2024-01-02T00"]

    def test_spans(self, capsys):
        assert run(capsys, "linspace", "-12h", "1D", "-n", "4") == ["-12h", "0h", "12h", "24h"]

    def test_errors(self, capsys):
        assert "is not a date" in fail(capsys, "linspace", "2024-13-01", "2024-01-01")
        assert "is a date" in fail(capsys, "linspace", "2024-01-01", "5")


class TestJson:
    @pytest.mark.parametrize(
        ("words", "value"),
        [
            ("linspace 0 1 -n 3", [0.0, 0.5, 1.0]),
            ("linspace 0 1 -n 0", []),
            ("linspace 0 0.3 -n 4 --dtype float32", [0.0, 0.1, 0.2, 0.3]),
            ("linspace 0 inf -n 3", [0.0, None, None]),
            ("linspace 0 1+1j -n 2", [[0.0, 0.0], [1.0, 1.0]]),
            ("arange 2024-01-01 2024-01-03", ["2024-01-01", "2024-01-02"]),
            ("arange 20000", list(range(20_000))),
        ],
    )
    def test_json(self, capsys, words, value):
        assert json.loads("".join(run(capsys, *words.split(), "--json"))) == value

    def test_separator(self, capsys):
        assert run(capsys, "arange", "3", "--separator", ", ") == ["0, 1, 2"]
        assert run(capsys, "arange", "3", "--separator", r"\t") == ["0\t1\t2"]
        assert len(run(capsys, "arange", "20000", "--separator", " ")[0].split(" ")) == 20_000
        assert "of its own" in fail(capsys, "arange", "3", "--json", "--separator", ",")


class TestAsC:
    FORMATS = ("%a", "%A", "%.0a", "%.3a", "%.12a", "%.13a", "%.20a", "%+a", "% a", "%#.0a")
    FORMATS += ("%30a|", "%-30.2a|", "%030a", "%+030.1a", "x = %a%%", "%la")

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compared with glibc")
    @pytest.mark.parametrize("form", FORMATS)
    def test_hexadecimal(self, form):
        library = ctypes.CDLL(None)
        values = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e300, 5e-324, -2.2e-308, 1e-310]
        values += [math.inf, -math.inf, math.nan, 1.96875, 1.03125, math.nextafter(2, 0)]
        for value in values:
            text = ctypes.create_string_buffer(100)
            library.snprintf(text, 100, form.encode(), ctypes.c_double(value))
            assert formatter(form)(value) == text.value.decode(), value

    def test_on_the_command_line(self, capsys):
        assert run(capsys, "linspace", "0", "1", "-n", "2", "--format", "%a") == [
            "0x0p+0",
            "0x1p+0",
        ]


class TestWords:
    @pytest.mark.parametrize(
        ("words", "meant"),
        [
            ("linspce 0 1", "linspace"),
            ("linspace 0 1 --nun 5", "--num"),
            ("linspace 0 1 --dtype flaot32", "float32"),
            ("linspace 0 1 --backend tourch", "torch"),
            ("completion fsh", "fish"),
        ],
    )
    def test_did_you_mean(self, capsys, words, meant):
        assert f"did you mean {meant!r}?" in fail(capsys, *words.split())

    def test_not_installed(self, capsys, monkeypatch):
        for name, package in (("torch", "torch"), ("jax", "jax"), ("cupy", "cupy-cuda13x")):
            for module in (name, f"{name}.numpy"):
                monkeypatch.setitem(sys.modules, module, None)
            monkeypatch.setattr(_installed, "is_found", lambda name: False)
            message = fail(capsys, "linspace", "0", "1", "--backend", name)
            assert message.startswith(f"{name} is not installed: pip install {package}")

    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("xspace li", ["linspace"]),
            ("xspace linspace 0 1 --nu", ["--num"]),
            ("xspace linspace 0 1 --dtype float", ["float64", "float32", "float16"]),
            ("xspace arange 5 --inclusive ", ["left", "both", "right", "neither"]),
            ("xspace completion z", ["zsh"]),
        ],
    )
    def test_completion(self, capsys, typed, offered):
        if shutil.which("bash") is None:
            pytest.skip("there is no bash")
        script = "\n".join(run(capsys, "completion", "bash"))
        words = typed.split(" ")
        setting = f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}"
        show = 'printf "%s\\n" "${COMPREPLY[@]}"'
        code = f"{script}\n{setting}\n_xspace\n{show}"
        done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == offered

    @pytest.mark.parametrize("shell", ["zsh", "fish"])
    def test_other_shells(self, capsys, shell):
        script = run(capsys, "completion", shell)
        assert len(script) > 5
        if shutil.which(shell) is not None:
            subprocess.run([shell, "-n"], input="\n".join(script), text=True, check=True)
