"""The deeds of a person's way through a run: seats, attendance, completion."""
