"""References of the theme approximation."""
