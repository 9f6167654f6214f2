"""What the examiner asks: one file per idea, one package per theme."""
