"""Grids without an array: immutable sequences, exact however long they are."""
