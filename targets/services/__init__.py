"""Deeds about what was promised, by which rule it is counted, and what was signed."""
