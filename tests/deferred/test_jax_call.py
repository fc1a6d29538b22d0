"""Programs of JAX that call the engine elsewhere: written for others, divided by a compiler."""

from __future__ import annotations

import pickle
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import xspace
import xspace.jax
from tests.processes import run
from xspace.deferred import jax_call
from xspace.engine.native import ENGINE
from xspace.exact.rounding import FORMATS
from xspace.testing import assert_identical

pytestmark = pytest.mark.skipif(ENGINE is None, reason="no engine, or switched off")


@pytest.fixture(autouse=True)
def _wide():
    with jax.enable_x64(True):
        yield


def geometric(x):
    return xspace.geomspace(x, 9.0, 5)


def outer(x, y):
    return xspace.logspace(x[:, None], y, 5, base=3)


LANES, MORE = np.linspace(1, 2, 16), np.linspace(-3, 4, 8)


def written(function, *ends, **options):
    """A program that calls the engine, and what `serialize` makes of it."""
    with xspace.jax.engine_in_exports() as checks:
        made = export.export(jax.jit(function), disabled_checks=checks, **options)(*ends)
        return made, made.serialize(vjp_order=1)


class TestExports:
    def test_a_reader_that_only_registers(self, tmp_path):
        """In another process, and on eight devices, of which each makes the lanes that it has."""
        cases = [
            (geometric, 1.5),
            (lambda x: geometric(x)[3], LANES),
            (outer, LANES, MORE),
            (lambda x: xspace.linspace(0, x, 5, axis=-1, retstep=True), LANES.reshape(4, 4)),
            (lambda x: geometric(x.astype(jnp.bfloat16)), LANES),
        ]
        for kind in FORMATS:
            cases.append((lambda x, kind=kind: xspace.linspace(x, 7, 5, dtype=kind), LANES))
        wanted = []
        for function, *ends in cases:
            program, text = written(function, *ends)
            assert "@xspace_grid" in program.mlir_module()
            elements = [np.asarray(a).tobytes() for a in jax.tree.leaves(function(*ends))]
            wanted.append((text, ends, elements))
        slopes = jax.jit(jax.grad(lambda x: geometric(x)[3].sum()))(LANES)
        (tmp_path / "programs").write_bytes(pickle.dumps((wanted, np.asarray(slopes))))
        run(
            """
            import pickle, sys
            from jax import export
            from jax.sharding import NamedSharding, PartitionSpec as P

            wanted, slopes = pickle.load(open(sys.argv[1], "rb"))
            for text, ends, _ in wanted:
                try:
                    export.deserialize(text).call(*ends)
                except jax.errors.JaxRuntimeError as error:
                    assert "No FFI handler registered for xspace_grid_2" in str(error), error
                else:
                    raise AssertionError("nobody has registered the engine")

            import xspace.jax
            xspace.jax.register_engine()
            for text, ends, elements in wanted:
                made = jax.tree.leaves(export.deserialize(text).call(*ends))
                assert [np.asarray(a).tobytes() for a in made] == elements
            lanes = export.deserialize(wanted[1][0])
            x = wanted[1][1][0]
            assert_identical(jax.grad(lambda x: lanes.call(x).sum())(x), slopes)
            mesh = jax.make_mesh((8,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
            divided = jax.jit(lanes.call).lower(jax.device_put(x, NamedSharding(mesh, P("i"))))
            text = divided.compile().as_text()
            assert "f64[2,5]" in text and "all-gather" not in text, text
            """,
            tmp_path / "programs",
            devices=8,
        )

    def test_only_those_that_are_told_to(self):
        """Of one function, with what JAX remembers of it."""
        program = jax.jit(geometric)
        with xspace.jax.engine_in_exports() as (check,):
            assert check.is_custom_call() == jax_call.HANDLER
        for told in (False, True, False):
            if told:
                text = written(geometric, LANES)[0].mlir_module()
            else:
                text = export.export(program)(LANES).mlir_module()
            assert ("@xspace_grid" in text) == told

    def test_jax_wants_to_be_told_too(self):
        with (
            xspace.jax.engine_in_exports(),
            pytest.raises(ValueError, match="custom calls"),
        ):
            export.export(jax.jit(geometric))(LANES)

    def test_another_platform_has_integers(self):
        program, _ = written(geometric, LANES, platforms=("cpu", "cuda"))
        assert program.mlir_module().count("@xspace_grid") == 1
        assert_identical(program.call(LANES), geometric(LANES))
        program, _ = written(geometric, LANES, platforms=("cuda",))
        assert "@xspace_grid" not in program.mlir_module()

    def test_sizes_that_are_not_known(self):
        """As many lanes as there are; but samples are counted when a program is written."""
        n, m = export.symbolic_shape("n, m")
        ends = jax.ShapeDtypeStruct((n,), float), jax.ShapeDtypeStruct((m,), float)
        program, _ = written(outer, *ends)
        assert "@xspace_grid" in program.mlir_module()
        for x, y in ((LANES, MORE), (LANES[:1], MORE), (LANES[:1], MORE[:1])):
            assert_identical(program.call(x, y), outer(x, y))
        program, _ = written(lambda x: xspace.linspace(x[0], 9.0, x.shape[0]), ends[0])
        assert "@xspace_grid" not in program.mlir_module()
        assert_identical(program.call(LANES), xspace.linspace(1.0, 9.0, 16, xp=jnp))

    def test_without_the_engine(self, monkeypatch):
        monkeypatch.setattr(jax_call, "ENGINE", None)
        jax_call.is_registered.cache_clear()
        try:
            program, _ = written(lambda x: xspace.linspace(x, 9.0, 5), LANES)
            assert "@xspace_grid" not in program.mlir_module()
            assert_identical(program.call(LANES), xspace.linspace(jnp.asarray(LANES), 9.0, 5))
            with pytest.raises(RuntimeError, match="there is no engine"):
                xspace.jax.register_engine()
        finally:
            jax_call.is_registered.cache_clear()


class TestDivided:
    """Each device calls the engine with its lanes; nothing is sent from one to another."""

    def test_bits_and_programs(self):
        run((Path(__file__).parent / "divided_grids.py").read_text(encoding="utf-8"), devices=8)
