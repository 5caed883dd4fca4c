"""Figures that others reported."""
