"""Topics, a folder each: brief, concepts, bibliography, oracles of claims, an entry."""
