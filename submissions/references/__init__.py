"""References by theme."""
