"""Integers only: fixed-point log2 and exp2 with stated error bounds, exact powers, rounding.

Nothing in this folder knows of arrays, and nothing in it imports anything outside the standard
library.  Every function states its domain and its error bound; the callers rely on those bounds.
"""
