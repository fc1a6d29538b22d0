"""A conformance suite for grids: an independent oracle, cases, golden vectors and targets."""
