"""What small networks and small tensors can represent: ideas 1 to 4."""
