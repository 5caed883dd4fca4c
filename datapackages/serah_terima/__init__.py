"""Handovers, counted."""
