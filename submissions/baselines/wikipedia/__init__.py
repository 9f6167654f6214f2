"""Baselines of the theme wikipedia."""
