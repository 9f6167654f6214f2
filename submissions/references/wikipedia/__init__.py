"""References of the theme wikipedia."""
