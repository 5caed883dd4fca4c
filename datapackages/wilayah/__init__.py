"""The regions of Jakarta."""
