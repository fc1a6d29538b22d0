"""Arrays as ends: one grid for each of their elements."""
