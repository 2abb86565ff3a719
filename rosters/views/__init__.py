"""Pages of rosters: uploads, corrections, exports."""
