"""Numerical kernels: one quantity per file, with numpy, scipy and torch alone."""
