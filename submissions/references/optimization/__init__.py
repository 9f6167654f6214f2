"""References of the theme optimization."""
