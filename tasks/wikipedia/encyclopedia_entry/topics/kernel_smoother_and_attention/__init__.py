"""Kernel smoothers and attention."""
