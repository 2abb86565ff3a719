"""Pages of rosters: uploads and what was found, mending, giving rosters out."""
