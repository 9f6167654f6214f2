"""Idea 27: what learning theory has to say, written for everybody."""
