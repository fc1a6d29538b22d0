"""Lanes in integers alone, for libraries that trace."""
