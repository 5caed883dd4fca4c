"""Complaints, counted."""
