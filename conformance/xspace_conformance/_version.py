"""The version: that of the library whose release it goes with."""

__version__ = "0.1.0"
