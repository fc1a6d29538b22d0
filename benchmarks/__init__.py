"""xspace side by side with the libraries' own functions: ``python -m benchmarks``."""
