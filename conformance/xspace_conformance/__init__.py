"""A conformance suite for grids: what is right, whom to ask, what to ask, and the comparison."""
