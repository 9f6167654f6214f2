"""References of the theme transformers."""
