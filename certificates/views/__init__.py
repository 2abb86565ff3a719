"""Certificates: their files for those who may have them, their state for everybody."""
