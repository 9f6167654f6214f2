"""Baselines of the theme transformers."""
