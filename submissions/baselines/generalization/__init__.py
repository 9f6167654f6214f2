"""Baselines of the theme generalization."""
