"""Copies of everything that the site keeps: made, verified, restored."""
