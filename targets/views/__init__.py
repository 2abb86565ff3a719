"""The number, what was promised, and what was signed."""
