"""The wall between tasks and submissions: it knows no task and no method."""

__version__ = "0.1.0"
