"""Transformers: ideas 23 to 26."""
