"""Baselines by theme."""
