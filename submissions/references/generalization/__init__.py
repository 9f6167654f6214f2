"""References of the theme generalization."""
