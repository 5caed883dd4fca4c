"""Loans, counted."""
