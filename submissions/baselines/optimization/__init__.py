"""Baselines of the theme optimization."""
