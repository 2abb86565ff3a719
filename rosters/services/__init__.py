"""The deeds about rosters: taking one in, giving one out."""
