"""Onward aid, counted."""
