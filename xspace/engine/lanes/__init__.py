"""The kernels of lanes: many grids in one pass."""
