"""The VC dimension."""
