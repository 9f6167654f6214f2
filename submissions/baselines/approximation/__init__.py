"""Baselines of the theme approximation."""
