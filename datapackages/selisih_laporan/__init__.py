"""Discrepancies, counted."""
