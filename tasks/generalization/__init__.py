"""What makes a network generalize, and invariance: ideas 16 to 22."""
