"""Kernels for GPUs, which make a whole grid in one launch."""
