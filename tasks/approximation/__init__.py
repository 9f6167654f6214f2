"""Approximation of functions that are composed of simpler ones: ideas 1 to 4."""
