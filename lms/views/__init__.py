"""Pages that join all rooms."""
