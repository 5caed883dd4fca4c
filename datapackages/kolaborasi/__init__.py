"""Collaborations with an issued ID."""
